import { readFile } from 'node:fs/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { type ErrorCode, type Plan, ShardmillError } from '@shardmill/core';
import { identity } from '@shardmill/test-kit';
import { parquetReadObjects } from 'hyparquet';
import { beforeAll, expect, it } from 'vitest';
import { score } from '../../support/score.js';
import { useWorkplace, type Workplace } from '../../support/workplace.js';

/** A Parquet file with what is right: values, or a code. */
export interface CorpusEntry {
  readonly name: string;
  readonly file: Uint8Array;
  /** The job's only column; `x` where left out. */
  readonly column?: string;
  /** Filters rows, for types whose pruning has to be right. */
  readonly where?: string;
  readonly right: Right;
}

export type Right =
  | {
      /** Values of the column in the result, in the file's order, as `plainValue` makes them. */
      readonly values: readonly unknown[];
      /** The type that expressions see. */
      readonly type?: string;
      /** What the plan says about it; nothing where left out. */
      readonly notices?: readonly RegExp[];
    }
  | { readonly code: ErrorCode; readonly message: RegExp };

/** Scores each file, hands its column on, and reads the result by a reader other than DuckDB. */
export function testCorpus(entries: readonly CorpusEntry[]): void {
  const corpus = useCorpus();
  it.each(entries)('$name', async ({ file, right, column = 'x', where }) => {
    const input = await corpus.place.write(`data/${corpus.nextNumber()}.parquet`, file);
    const run = corpus.score(input, [column], where);
    if ('code' in right) {
      const error: unknown = await run.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(ShardmillError);
      expect(error).toMatchObject({
        code: right.code,
        message: expect.stringMatching(right.message),
        where: expect.stringContaining(input),
      });
      return;
    }
    const { plan, values } = await run;
    expect(values[column]).toEqual(right.values);
    const seen = plan.scoring.input.columns.find(({ name }) => name === column)?.type;
    if (right.type !== undefined) expect(seen).toBe(right.type);
    const notices = right.notices ?? [];
    expect(plan.notices).toEqual(notices.map((notice) => expect.stringMatching(notice)));
  });
}

export interface Corpus {
  readonly place: Workplace;
  /** @returns the number of the next file that the test writes */
  nextNumber(): number;
  /** Hands columns of a file on. @returns their values in the result, in the file's order. */
  score(
    input: string,
    columns: readonly string[],
    where?: string,
  ): Promise<{ readonly plan: Plan; readonly values: ColumnValues }>;
}

type ColumnValues = Readonly<Record<string, readonly unknown[]>>;

/** A workplace for all tests of a file, with a model. */
export function useCorpus(): Corpus {
  const place = useWorkplace('file');
  let files = 0;
  beforeAll(async () => {
    await place.write('model.onnx', identity({ type: 'float64' }));
  });
  return {
    place,
    nextNumber: () => files++,
    score: async (input, columns, where) => {
      const out = `out/${files}`;
      const handedOn = columns.map((name) => [name, `"${name}"`]);
      const { plan, manifest } = await score(place, {
        input: { uri: input, ...(where === undefined ? {} : { where }) },
        features: { x: '1.0::DOUBLE' },
        output: {
          uri: out,
          columns: { ...Object.fromEntries(handedOn), score_: 'y' },
          compression: 'snappy',
        },
      });
      const parts = manifest.parts.map(({ key }) => place.path(out, key));
      return { plan, values: await columnsOf(parts, columns) };
    },
  };
}

/** Values of columns by hyparquet, which shares no code with DuckDB. */
export async function columnsOf(
  paths: readonly string[],
  columns: readonly string[],
): Promise<ColumnValues> {
  const rows: Record<string, unknown>[] = [];
  for (const path of paths) {
    const bytes = await readFile(path);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    rows.push(...(await parquetReadObjects({ file, utf8: false, compressors: COMPRESSORS })));
  }
  return Object.fromEntries(
    columns.map((name) => [name, rows.map((row) => plainValue(row[name]))]),
  );
}

const COMPRESSORS = {
  GZIP: (input: Uint8Array) => new Uint8Array(gunzipSync(input)),
  BROTLI: (input: Uint8Array) => new Uint8Array(brotliDecompressSync(input)),
};

/**
 * A value that can be compared whatever a reader makes of it: numbers of any width as numbers, and
 * beyond 2^53 as text; times as ISO 8601, bytes as hexadecimal digits, nothing as null.
 */
function plainValue(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainValue(inner)]));
}
