import { open } from 'node:fs/promises';
import path from 'node:path';
import type { PlannedShard, Scoring } from '@shardmill/core';
import { rewriteStatistics, sql, withFolder, writeParquet } from '@shardmill/test-kit/parquet';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../duckdb/open-database.js';
import { partSource } from './part-source.js';
import { shieldFloats } from './shield-floats.js';

const GROUP = 2048;
const COLUMNS = [
  { name: 'id', type: 'BIGINT' },
  { name: 'x', type: 'DOUBLE' },
  { name: 'f', type: 'FLOAT' },
  { name: 's', type: 'STRUCT(a DOUBLE, deep STRUCT(b FLOAT))' },
  { name: 'l', type: 'DOUBLE[]' },
];
/** Each of them is 0 to 4, or NaN in the last row of each row group. */
const FLOATS = ['x', 'f', 's.a', 's.deep.b', 'l[1]', 'f::DOUBLE', '-(-x)'];

const single = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
};
const double = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
};
const LEAVES: Readonly<Record<string, (value: number) => Buffer>> = {
  x: double,
  f: single,
  's.a': double,
  's.deep.b': single,
  'l.list.element': double,
};

interface Sample {
  readonly file: string;
  /** Rows from `partSource` as a FROM item. */
  readonly source: (where: string | null, firstRow?: number, rows?: number) => string;
  readonly value: (query: string) => Promise<unknown>;
}

/** Two row groups whose bounds leave NaN out, as pyarrow writes them. */
async function withSample(use: (sample: Sample) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const file = path.join(folder, 'a.parquet');
    await writeParquet(
      file,
      `SELECT id, x, x::FLOAT AS f, {'a': x, 'deep': {'b': x::FLOAT}} AS s, [x] AS l
       FROM (SELECT i AS id, if(i % ${GROUP} = ${GROUP - 1}, 'nan'::DOUBLE, i % 5) AS x
         FROM range(${2 * GROUP}) r(i))`,
      `ROW_GROUP_SIZE ${GROUP}`,
    );
    let replaced = 0;
    await rewriteStatistics(file, (column) => {
      const encode = LEAVES[column];
      if (encode === undefined) return 'keep';
      replaced++;
      return { min: encode(0), max: encode(4) };
    });
    expect(replaced).toBe(2 * Object.keys(LEAVES).length);
    const database = await openDatabase({
      threads: 1,
      memoryLimitBytes: 128 * 2 ** 20,
      folders: [folder],
    });
    try {
      const connection = await database.connect();
      await use({
        file,
        source: (where, firstRow = 0, rows = 2 * GROUP) =>
          sourceOf(file, where, { firstRow, rows }),
        value: async (query) => (await connection.runAndReadAll(query)).getRows()[0]?.[0],
      });
      connection.closeSync();
    } finally {
      database.close();
    }
  });
}

function sourceOf(
  file: string,
  where: string | null,
  range: { readonly firstRow: number; readonly rows: number },
): string {
  const part = {
    part: 0,
    rows: range.rows,
    slices: [{ file: 0, ...range, firstRowGroup: range.firstRow / GROUP, rowGroups: 1 }],
  };
  const shard: PlannedShard = {
    shard: 0,
    rows: range.rows,
    files: [{ uri: file, bytes: 0, etag: '', rows: 2 * GROUP, layout: 0, partition: [] }],
    parts: [part],
  };
  const used = COLUMNS.map(({ name }) => name);
  const scoring: Scoring = {
    input: { columns: COLUMNS, used, layouts: [COLUMNS], partitionColumns: [], where },
    model: { uri: '', sha256: '', bytes: 0, externalData: [], inputs: [], outputs: [] },
    features: [],
    transform: null,
    nulls: 'reject',
    output: { uri: '', columns: [], compression: 'zstd', rowGroupRows: 1 },
  };
  return partSource(scoring, shard, part, used, (uri) => uri);
}

describe('bounds that leave NaN out', () => {
  it('decide no expression', () =>
    withSample(async ({ source, value }) => {
      for (const float of FLOATS) {
        const found = await value(
          `SELECT [count_if(a), count_if(b), count_if(c)]::VARCHAR
           FROM (SELECT ${float} > 4 AS a, ${float} BETWEEN 0 AND 4 AS b,
             coalesce(nullif(${float}, 'nan'::DOUBLE), -7) = -7 AS c FROM ${source(null)})`,
        );
        expect([float, found]).toEqual([float, `[2, ${2 * GROUP - 2}, 2]`]);
      }
    }));

  it('decide no filter, neither of a row nor of a row group', () =>
    withSample(async ({ source, value }) => {
      const count = async (where: string): Promise<number> =>
        Number(await value(`SELECT count(*) FROM ${source(where)}`));
      for (const float of FLOATS) {
        const found = [
          await count(`${float} > 100`),
          await count(`${float} <= 4`),
          await count(`${float} > 3 AND ${float} < 1e9`),
          await count(`(${float} <= 4) IS NOT TRUE`),
          await count(`id >= ${GROUP} AND ${float} >= 5`),
        ];
        expect([float, ...found]).toEqual([float, 2, 2 * GROUP - 2, 819, 2, 1]);
      }
    }));

  it('are kept from a condition, which still reads no row group that an integer rules out', () =>
    withSample(async ({ file, source, value }) => {
      await eraseFirstRowGroup(file);
      const condition = `id >= ${GROUP} AND x > 3`;
      expect(Number(await value(`SELECT count(x) FROM ${source(condition)}`))).toBe(411);
      const ofPart = source('x > 3 AND s.a > 3', GROUP, GROUP);
      expect(Number(await value(`SELECT count(x) FROM ${ofPart}`))).toBe(411);
      await expect(value(`SELECT count(x) FROM ${source('x > 3')}`)).rejects.toThrow();
    }));
});

/** What reads a page of it fails. */
async function eraseFirstRowGroup(file: string): Promise<void> {
  const [next] = await sql(
    `SELECT min(coalesce(dictionary_page_offset, data_page_offset)) AS start
     FROM parquet_metadata('${file}') WHERE row_group_id = 1`,
  );
  const handle = await open(file, 'r+');
  try {
    await handle.write(Buffer.alloc(Number(next?.['start']) - 4, 0xff), 0, undefined, 4);
  } finally {
    await handle.close();
  }
}

describe('a column under a condition', () => {
  const shielded = (type: string, condition: string | undefined, name = 'col'): boolean =>
    shieldFloats('v', { name, type }, condition) === 'least(v)';

  it('is wrapped if it can hold NaN at any depth', () => {
    for (const type of [
      'FLOAT',
      'DOUBLE',
      'FLOAT[3]',
      'STRUCT(a INTEGER, b DOUBLE[])[]',
      'VARIANT',
    ])
      expect([type, shielded(type, 'col > 1')]).toEqual([type, true]);
    for (const type of ['BIGINT', 'DECIMAL(9,2)', 'DATE', 'VARCHAR', 'STRUCT(a INTEGER)[]'])
      expect([type, shielded(type, 'col > 1')]).toEqual([type, false]);
  });

  it('is wrapped if the condition may name it, so that other structs are not read whole', () => {
    expect(shielded('DOUBLE', undefined)).toBe(false);
    expect(shielded('DOUBLE', 'other > 1')).toBe(false);
    for (const condition of ['COL > 1', '"Col" > 1', 'input.col.a > 1', '1 < Input."cOl"']) {
      expect([condition, shielded('DOUBLE', condition)]).toEqual([condition, true]);
    }
    expect(shielded('DOUBLE', '"a ""b""" > 1', 'A "B"')).toBe(true);
    expect(shielded('DOUBLE', 'é > 1 AND İ > 1', 'İ')).toBe(true);
  });
});
