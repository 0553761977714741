import type { BatchTensor } from '../onnx/batch-tensor.js';
import { clean } from '../onnx/session-errors.js';
import { newTensorData } from '../onnx/tensor-types.js';
import { type Difference, type RawOutput, rowDifference } from './compare-rows.js';

/** Runs the model on exactly these rows. @throws whatever ONNX Runtime throws */
export type RunRows = (feeds: readonly BatchTensor[], rows: number) => Promise<RawOutput[]>;

/** What calls of a few rows have shown. */
export interface RowProbe {
  /** What came out of each call; empty where the model throws for these rows, which says nothing. */
  readonly calls: readonly { readonly rows: number; readonly outputs: readonly SeenOutput[] }[];
  /** A row that is scored otherwise alone, or beside other rows. */
  readonly difference?:
    | (Difference & { readonly beside: number; readonly rows: number })
    | undefined;
  /** What the model threw. */
  readonly failed?: string | undefined;
  /** The same rows in the same call gave something else the next time. */
  readonly random?: Difference | undefined;
}

interface SeenOutput {
  readonly name: string;
  readonly dims: readonly number[];
}

/** Rows that a probe is given: two sets of three, so that a finding can be confirmed. */
export const PROBE_ROWS = 6;
const SET = 3;

/** A model that takes longer for the first row is not asked again. */
const MAX_CALL_MS = 300;

/**
 * Scores a few rows alone, in threes and in pairs.
 * @param feeds `PROBE_ROWS` rows.
 * @param fixedRows the model's fixed batch dimension: then the neighbours of a row are changed.
 */
export async function probeRows(
  run: RunRows,
  feeds: readonly BatchTensor[],
  fixedRows?: number,
): Promise<RowProbe> {
  const calls: { rows: number; outputs: SeenOutput[] }[] = [];
  const call = async (rows: readonly number[]): Promise<RawOutput[]> => {
    const outputs = await run(pick(feeds, rows), rows.length);
    calls.push({
      rows: rows.length,
      outputs: outputs.map(({ name, dims }) => ({ name, dims: [...dims] })),
    });
    return outputs;
  };
  try {
    const started = performance.now();
    const first = await compare(
      call,
      0,
      fixedRows,
      () => performance.now() - started > MAX_CALL_MS,
    );
    if (first === undefined) return { calls };
    const random = await repeat(call, first.rows);
    if (random !== undefined) return { calls, random };
    const confirmed = await compare(call, SET, fixedRows, () => false);
    return confirmed === undefined ? { calls } : { calls, difference: first.difference };
  } catch (error) {
    // Made-up values may be none that the model takes: what was seen before stays true.
    return { calls, failed: clean(error) };
  }
}

type Call = (rows: readonly number[]) => Promise<RawOutput[]>;

interface Compared {
  readonly difference: NonNullable<RowProbe['difference']>;
  /** The call in which the row stood beside others. */
  readonly rows: readonly number[];
}

/** Scores the same rows beside different ones. */
async function compare(
  call: Call,
  from: number,
  fixedRows: number | undefined,
  tooExpensive: () => boolean,
): Promise<Compared | undefined> {
  const together = compositions(from, fixedRows);
  const [first = []] = together;
  const seen = [{ rows: first, outputs: await call(first) }];
  if (tooExpensive()) return undefined;
  for (const rows of together.slice(1)) seen.push({ rows, outputs: await call(rows) });
  if (!seen.every(({ rows, outputs }) => outputs.every(({ dims }) => dims[0] === rows.length))) {
    return undefined;
  }
  const [, whole] = seen;
  if (whole === undefined) return undefined;
  for (const { rows, outputs } of seen) {
    if (rows === whole.rows) continue;
    for (const [index, row] of rows.entries()) {
      const found = rowDifference(outputs, index, whole.outputs, whole.rows.indexOf(row));
      if (found === undefined) continue;
      const difference = { ...found, rows: rows.length, beside: whole.rows.length };
      return { difference, rows: whole.rows };
    }
  }
  return undefined;
}

/** Rows of each call; the second has all of the set. */
function compositions(from: number, fixedRows: number | undefined): number[][] {
  const [a, b, c] = [from, from + 1, from + 2];
  if (fixedRows === undefined) return [[c], [a, b, c], [a, b]];
  const turning = Array.from({ length: fixedRows }, (_, index) => from + (index % SET));
  const last = turning[Math.min(fixedRows, SET) - 1] ?? a;
  return fixedRows === 1 ? [[a]] : [turning.map(() => last), turning];
}

async function repeat(call: Call, rows: readonly number[]): Promise<Difference | undefined> {
  const [one, other] = [await call(rows), await call(rows)];
  for (const index of rows.keys()) {
    const found = rowDifference(one, index, other, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

function pick(feeds: readonly BatchTensor[], rows: readonly number[]): BatchTensor[] {
  return feeds.map((feed) => {
    const { width } = feed;
    const data = newTensorData(feed.type, rows.length * width);
    for (const [index, row] of rows.entries()) {
      for (let element = 0; element < width; element++) {
        const value = feed.data[row * width + element];
        if (value !== undefined) data[index * width + element] = value;
      }
    }
    return { ...feed, data };
  });
}
