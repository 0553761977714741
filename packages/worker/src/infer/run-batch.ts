import type { BatchTensor } from '../onnx/batch-tensor.js';
import { type ExecutionProvider, ShardmillError } from '@shardmill/core';
import { classifyFailure, type FailureKind } from '../onnx/classify-failure.js';
import { clean, deviceLost } from '../onnx/session-errors.js';
import { newTensorData, type TensorData } from '../onnx/tensor-types.js';
import { Pieces } from './pieces.js';

/** A row that the model throws for, alone. */
interface RowFailure {
  readonly row: number;
  readonly message: string;
}

export interface BatchResult {
  readonly outputs: BatchTensor[];
  readonly failures: RowFailure[];
}

/** Runs the model on exactly these rows; throws whatever ONNX Runtime throws. */
export type RunModel = (feeds: readonly BatchTensor[], rows: number) => Promise<BatchTensor[]>;

/** What a lane has learned of its model. */
export interface LaneState {
  /** What computes it: whose memory is meant where there is no room. */
  readonly provider: ExecutionProvider;
  /** The most rows that fit in memory so far; or tokens, where calls are sized by them. */
  safeRows: number;
  /** The rows, or tokens, of one call that are wanted. */
  runRows: number;
  /** Whether any row has ever been scored. */
  succeeded: boolean;
  /** Rows that failed alone while none was scored. */
  failedRows: number;
}

export const newLaneState = (provider: ExecutionProvider = 'cpu'): LaneState => ({
  provider,
  safeRows: Infinity,
  runRows: Infinity,
  succeeded: false,
  failedRows: 0,
});

/**
 * Rows that must fail alone, with none scored, before the model itself is taken to be at fault; as
 * many more of the batch are tried first, since rows at fault often stand together.
 */
const HOPELESS_ROWS = 16;

/**
 * Scores a batch. Where the model throws, the batch is halved until the rows at fault stand alone;
 * they come back as failures, with zeros or empty texts for outputs. A batch that does not fit in
 * memory is halved too, and the size that fits is remembered.
 * @param fixedRows the model's fixed batch dimension; shorter pieces are padded with their last row.
 * @param unitsPerRow what a row counts for in the sizes of calls: its tokens, or 1.
 * @param undivided whether the batch must be one call, because scores depend on the rows beside
 *   them: then all of its rows fail where the model throws for it.
 * @throws MODEL_RUN_FAILED where no row can be scored; ENGINE_OUT_OF_MEMORY or DEVICE_OUT_OF_MEMORY
 *   where a row alone does not fit; ENGINE_CRASHED where the device is lost; MODEL_OUTPUT_SHAPE
 */
export async function runBatch(
  run: RunModel,
  feeds: readonly BatchTensor[],
  rows: number,
  state: LaneState,
  fixedRows?: number,
  undivided = false,
  unitsPerRow = 1,
): Promise<BatchResult> {
  const failures: RowFailure[] = [];
  const results = new Pieces(rows);
  /** Pieces to do, the next one last. */
  const todo: [from: number, to: number][] = [[0, rows]];
  for (let piece = todo.pop(); piece !== undefined; piece = todo.pop()) {
    const [from, to] = piece;
    const size = to - from;
    const units = Math.min(state.safeRows, state.runRows);
    const limit = undivided ? rows : (fixedRows ?? Math.max(1, Math.floor(units / unitsPerRow)));
    if (size > limit) {
      const cut = from + (fixedRows ?? Math.ceil(size / Math.ceil(size / limit)));
      todo.push([cut, to], [from, cut]);
      continue;
    }
    try {
      results.put(from, size, await runPiece(run, feeds, from, to, fixedRows));
      state.succeeded = true;
    } catch (error) {
      const { kind, message } = failureOf(error, state.provider);
      if (kind === 'host-memory' || kind === 'device-memory') {
        if (undivided) throw noRoom(kind, size, message, 'job');
        if (size === 1 || fixedRows !== undefined) throw noRoom(kind, fixedRows ?? 1, message);
        state.safeRows = Math.ceil(size / 2) * unitsPerRow;
        todo.push([from, to]);
        continue;
      }
      if (undivided) {
        for (let row = from; row < to; row++) failures.push({ row, message });
        continue;
      }
      if (size > 1) {
        const cut = from + Math.ceil(size / 2);
        todo.push([cut, to], [from, cut]);
        continue;
      }
      failures.push({ row: from, message });
      if (!state.succeeded && ++state.failedRows >= HOPELESS_ROWS) {
        if (!(await scoresAny(run, feeds, to, rows, state.provider, fixedRows))) {
          throw new ShardmillError('MODEL_RUN_FAILED', `every row tried fails: ${message}`);
        }
        state.succeeded = true;
      }
    }
  }
  failures.sort((a, b) => a.row - b.row);
  return { outputs: results.outputs(), failures };
}

/** What went wrong with some rows. @throws errors that no choice of rows can avoid. */
function failureOf(
  error: unknown,
  provider: ExecutionProvider,
): { readonly kind: Exclude<FailureKind, 'device-lost'>; readonly message: string } {
  if (error instanceof ShardmillError) throw error;
  const message = clean(error);
  const kind = classifyFailure(message, provider);
  if (kind === 'device-lost') throw deviceLost(message);
  return { kind, message };
}

function noRoom(
  kind: 'host-memory' | 'device-memory',
  rows: number,
  message: string,
  fixedBy = 'model',
): ShardmillError {
  const what = rows === 1 ? 'one row does' : `${rows} rows, which the ${fixedBy} fixes, do`;
  return new ShardmillError(
    kind === 'host-memory' ? 'ENGINE_OUT_OF_MEMORY' : 'DEVICE_OUT_OF_MEMORY',
    `${what} not fit: ${message}`,
  );
}

/** Whether the model scores any of a few rows, spread over `[from, to)`. */
async function scoresAny(
  run: RunModel,
  feeds: readonly BatchTensor[],
  from: number,
  to: number,
  provider: ExecutionProvider,
  fixedRows: number | undefined,
): Promise<boolean> {
  const step = Math.max(1, (to - from) / HOPELESS_ROWS);
  for (let at = from; at < to; at += step) {
    const row = Math.floor(at);
    try {
      await runPiece(run, feeds, row, row + 1, fixedRows);
      return true;
    } catch (error) {
      const { kind, message } = failureOf(error, provider);
      if (kind !== 'model') throw noRoom(kind, 1, message);
    }
  }
  return false;
}

async function runPiece(
  run: RunModel,
  feeds: readonly BatchTensor[],
  from: number,
  to: number,
  fixedRows: number | undefined,
): Promise<BatchTensor[]> {
  const size = to - from;
  const rows = fixedRows ?? size;
  const outputs = await run(
    feeds.map((feed) => ({ ...feed, data: takeRows(feed, from, to, rows) })),
    rows,
  );
  if (rows === size) return outputs;
  return outputs.map((o) => ({ ...o, data: o.data.slice(0, size * o.width) }));
}

/** Rows `[from, to)` of a tensor, padded to `rows` by repeating the last one. */
function takeRows(feed: BatchTensor, from: number, to: number, rows: number): TensorData {
  const { data, width } = feed;
  const start = from * width;
  const end = to * width;
  if (rows > to - from) {
    const padded = newTensorData(feed.type, rows * width);
    for (let i = 0; i < padded.length; i++) {
      const source = start + i < end ? start + i : end - width + (i % width);
      const value = data[source];
      if (value !== undefined) padded[i] = value;
    }
    return padded;
  }
  if (Array.isArray(data)) return data.length === end - start ? data : data.slice(start, end);
  return data.length === end - start ? data : data.subarray(start, end);
}
