import { stat } from 'node:fs/promises';
import path from 'node:path';
import { FileStore, type Manifest } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { withFolder, writeParquet } from '../../testing/parquet.js';
import { partStatistics } from './part-statistics.js';

const COLUMNS = [
  { name: 'i', type: 'BIGINT' },
  { name: 'dec', type: 'DECIMAL(10,3)' },
  { name: 't', type: 'VARCHAR' },
  { name: 'long', type: 'VARCHAR' },
  { name: 'd', type: 'DATE' },
  { name: 'n', type: 'TIMESTAMP' },
  { name: 'z', type: 'TIMESTAMP WITH TIME ZONE' },
  { name: 'f', type: 'FLOAT' },
  { name: 'withNan', type: 'DOUBLE' },
  { name: 'none', type: 'BIGINT' },
  { name: 'nested', type: 'STRUCT(i BIGINT)' },
] as const;
const QUERY = `SELECT 9007199254740993 + i AS i, CAST(-i / 2.0 AS DECIMAL(10,3)) AS dec,
  CASE WHEN i % 2 = 0 THEN 'ä"' || i END AS t, repeat('x', 300) AS long, DATE '1969-12-30' + i::INT AS d,
  TIMESTAMP '2026-01-01 00:00:00.000001' + INTERVAL (i) SECOND AS n, TIMESTAMPTZ '2026-01-01 00:00:00.0000015Z' AS z,
  (i / 4)::FLOAT AS f, CASE WHEN i = 1 THEN 'nan'::DOUBLE ELSE i END AS withNan, NULL::BIGINT AS none, {i: i} AS nested
  FROM range(5000) r(i)`;

async function withPart(
  use: (store: FileStore, part: Manifest['parts'][number]) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const key = 'part.parquet';
    await writeParquet(path.join(folder, key), QUERY, 'ROW_GROUP_SIZE 2048');
    const { size } = await stat(path.join(folder, key));
    const rows = { read: 5000, scored: 5000, rejected: 0, filtered: 0 };
    await use(new FileStore(folder), { key, bytes: size, sha256: '', shard: 0, part: 0, rows });
  });
}

const summary = (nan: number) => ({ count: 5000, nulls: 0, nan });

describe('the statistics of a part', () => {
  it('hold its values, over all row groups', () =>
    withPart(async (store, part) => {
      const describe = partStatistics(store, COLUMNS, { f: summary(0), withNan: summary(1) });
      const text = await describe(part);
      // Numbers beyond 2^53 keep their digits.
      expect(text).toContain('"i":9007199254740993,');
      expect(text).toContain('"i":9007199254745992,');
      expect(text).toContain('"dec":-2499.500,');
      const { numRecords, minValues, maxValues, nullCount } = JSON.parse(text);
      expect(numRecords).toBe(5000);
      expect(minValues).toMatchObject({
        t: 'ä"0',
        d: '1969-12-30',
        n: '2026-01-01T00:00:00.000',
        z: '2026-01-01T00:00:00.000Z',
        f: 0,
      });
      expect(maxValues).toMatchObject({
        t: 'ä"998',
        d: '1983-09-07',
        n: '2026-01-01T01:23:19.001',
        z: '2026-01-01T00:00:00.001Z',
        f: 1249.75,
      });
      expect(nullCount).toMatchObject({ i: 0, t: 2500, none: 5000 });
      for (const bounds of [minValues, maxValues]) {
        for (const name of ['long', 'withNan', 'none', 'nested'])
          expect(bounds).not.toHaveProperty(name);
      }
    }));

  it('have no bounds of floats that may be NaN', () =>
    withPart(async (store, part) => {
      const { minValues } = JSON.parse(await partStatistics(store, COLUMNS, {})(part));
      expect(minValues).not.toHaveProperty('f');
    }));

  it('are refused of a part that is not what its record says', () =>
    withPart(async (store, part) => {
      const rows = { ...part.rows, scored: 4999 };
      await expect(partStatistics(store, COLUMNS, {})({ ...part, rows })).rejects.toMatchObject({
        code: 'OUTPUT_CONFLICT',
        message: 'the part has 5000 rows, its shard record says 4999',
      });
      await store.create('half.parquet', Buffer.from('PAR1 half'));
      const half = { ...part, key: 'half.parquet', bytes: 9 };
      await expect(partStatistics(store, COLUMNS, {})(half)).rejects.toMatchObject({
        code: 'OUTPUT_CONFLICT',
        message: expect.stringContaining('the part is damaged'),
      });
    }));
});
