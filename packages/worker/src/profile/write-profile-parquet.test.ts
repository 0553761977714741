import path from 'node:path';
import { sql, withFolder } from '@shardmill/test-kit/parquet';
import { expect, it } from 'vitest';
import { writeProfileParquet } from './write-profile-parquet.js';

const number = {
  run_id: 'r',
  side: 'output',
  name: 'score',
  kind: 'number',
  count: 4,
  nulls: 1,
  min: -0.1,
  max: 1e300,
  quantiles: [{ fraction: 0.5, value: 0.30000000000000004 }],
  histogram: [{ from: -0.1, to: 1e300, count: 3 }],
  top: [{ value: '0.25', count: 2 }],
};
const text = {
  side: 'feature',
  name: `it's "x"`,
  kind: 'text',
  count: 9,
  min_length: 0,
  top: null,
};

it('writes a row for each column, with its lists as lists of structs and every number as it is', () =>
  withFolder(async (folder) => {
    const target = path.join(folder, `a 'b' [c].parquet`);
    const rows = [number, text].map((row) => JSON.stringify(row));
    await writeProfileParquet({ rows, target });
    const from = `read_parquet('${target.replaceAll("'", "''").replaceAll('[', '[[]')}')`;
    const written = await sql(
      `SELECT to_json(t)::VARCHAR AS row, typeof(histogram) AS type FROM ${from} t`,
    );
    const parsed = written.map(({ row }): unknown => JSON.parse(String(row)));
    expect(parsed).toEqual([
      expect.objectContaining(number),
      expect.objectContaining({ ...text, min: null, histogram: null }),
    ]);
    expect(written[0]?.['type']).toBe('STRUCT("from" DOUBLE, "to" DOUBLE, count BIGINT)[]');
  }));

it('says which file cannot be written', () =>
  withFolder(async (folder) => {
    const target = path.join(folder, 'missing', 'a.parquet');
    await expect(writeProfileParquet({ rows: ['{}'], target })).rejects.toMatchObject({
      code: 'OUTPUT_NOT_WRITABLE',
      where: target,
    });
  }));
