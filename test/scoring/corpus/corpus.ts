import { readFile } from 'node:fs/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { type ErrorCode, ShardmillError } from '@shardmill/core';
import { identity } from '@shardmill/test-kit';
import { EngineProcess } from '@shardmill/worker';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { score } from '../../support/score.js';
import { useWorkplace, type Workplace } from '../../support/workplace.js';

/** A Parquet file with what is right: values, or a code. */
export interface CorpusEntry {
  readonly name: string;
  /** The file's bytes, or what writes it. */
  readonly file: Uint8Array | ((place: Workplace, path: string) => Promise<unknown>);
  /** The job's only column; `x` where left out. */
  readonly column?: string;
  /** Filters rows, for types whose pruning has to be right. */
  readonly where?: string;
  readonly right: Right;
}

export type Right =
  | {
      /**
       * Values of the column in the result, in the file's order, as `plainValue` makes them; or
       * `'as another reader reads it'`, which is hyparquet.
       */
      readonly values: readonly unknown[] | 'as another reader reads it';
      /** The type that expressions see. */
      readonly type?: string;
      /** What the plan says about it; nothing where left out. */
      readonly notices?: readonly RegExp[];
    }
  | { readonly code: ErrorCode; readonly message: RegExp };

/** Scores each file, hands its column on, and reads the result by a reader other than DuckDB. */
export function testCorpus(entries: readonly CorpusEntry[]): void {
  const place = useWorkplace('file');
  let engine: EngineProcess;
  beforeAll(async () => {
    await place.write('model.onnx', identity({ type: 'float64' }));
    engine = EngineProcess.start();
  });
  afterAll(() => engine.close());

  it.each(entries.map((entry, index) => ({ ...entry, index })))('$name', async (entry) => {
    const file = place.path('data', `${entry.index}.parquet`);
    if (typeof entry.file === 'function') await entry.file(place, file);
    else await place.write(`data/${entry.index}.parquet`, entry.file);
    const { right, column = 'x', where, index } = entry;
    const quoted = `"${column}"`;
    const run = score(
      place,
      {
        input: { uri: file, ...(where === undefined ? {} : { where }) },
        features: { x: '1.0::DOUBLE' },
        output: {
          uri: `out/${index}`,
          columns: { [column]: quoted, y: 'y' },
          compression: 'snappy',
        },
      },
      { engine },
    );
    if ('code' in right) {
      const error: unknown = await run.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(ShardmillError);
      expect(error).toMatchObject({
        code: right.code,
        message: expect.stringMatching(right.message),
      });
      return;
    }
    const { plan, manifest } = await run;
    const values =
      right.values === 'as another reader reads it' ? await columnOf(file, column) : right.values;
    const results = await Promise.all(
      manifest.parts.map(({ key }) => columnOf(place.path('out', String(index), key), column)),
    );
    expect(results.flat()).toEqual(values);
    const seen = plan.scoring.input.columns.find(({ name }) => name === column)?.type;
    if (right.type !== undefined) expect(seen).toBe(right.type);
    const notices = right.notices ?? [];
    expect(plan.notices).toEqual(notices.map((notice) => expect.stringMatching(notice)));
  });
}

/** A column's values by hyparquet, which shares no code with DuckDB. */
export async function columnOf(path: string, column: string): Promise<unknown[]> {
  const bytes = await readFile(path);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const rows = await parquetReadObjects({ file, utf8: false, compressors: COMPRESSORS });
  return rows.map((row) => plainValue(row[column]));
}

const COMPRESSORS = {
  GZIP: (input: Uint8Array) => new Uint8Array(gunzipSync(input)),
  BROTLI: (input: Uint8Array) => new Uint8Array(brotliDecompressSync(input)),
};

/**
 * A value that can be compared whatever a reader makes of it: numbers of any width as numbers, and
 * beyond 2^53 as text; times as ISO 8601, bytes as hexadecimal digits, nothing as null.
 */
export function plainValue(value: unknown): unknown {
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
