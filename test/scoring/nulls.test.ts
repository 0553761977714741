import { describe, expect, it } from 'vitest';
import { echoModel } from '../support/echo-model.js';
import { score, type Scored } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';
import type { JobDefinition } from '@shardmill/core';

const place = useWorkplace();

/** Nulls in every layout, alone and together, within chunks and at their borders (2048, 4096). */
const ROWS = `SELECT id, CASE WHEN id % 5 <> 1 THEN id END::FLOAT AS f, CASE WHEN id % 7 <> 2 THEN id END::FLOAT AS g,
    CASE WHEN id % 11 <> 3 THEN [id, id + 1] END::FLOAT[] AS l, [id, CASE WHEN id % 13 <> 4 THEN id END]::FLOAT[] AS e,
    CASE WHEN id NOT IN (2047, 2048, 4095, 4096) THEN id::FLOAT END AS h,
    CASE WHEN id % 17 <> 5 THEN id END AS n, CASE WHEN id % 19 <> 6 THEN 't' || id END AS t
  FROM (SELECT i AS id FROM range(5000) r(i))`;

const FLOATS = {
  fg: ['float32', 2],
  l: ['float32', 2],
  e: ['float64', 2],
  h: ['float16'],
} as const;
const OTHERS = { n: ['int64', 1], t: ['string', 1] } as const;
const SQL = { fg: ['f', 'g'], h: 'h % 64' };

async function run(
  nulls: JobDefinition['nulls'],
  tensors: Parameters<typeof echoModel>[0],
  batchRows: number,
): Promise<Scored> {
  await place.writeParquet('data/a.parquet', ROWS, 'ROW_GROUP_SIZE 2048');
  await place.write('model.onnx', echoModel(tensors));
  const names = Object.keys(tensors);
  return score(
    place,
    {
      nulls,
      features: Object.fromEntries(names.map((name) => [name, Reflect.get(SQL, name) ?? name])),
      output: {
        uri: 'out',
        columns: { id: 'id', ...Object.fromEntries(names.map((name) => [name, `${name}_out`])) },
      },
      errors: { maxRejectedRows: '100%' },
      plan: { partRows: 2048 },
    },
    { batchRows, lanes: 2 },
  );
}

/** The result beside the input, row by row. */
async function check(where: string): Promise<unknown> {
  const nan = (name: string): string => `coalesce(${name}, 'nan')`;
  const [row] = await place.sql(
    `SELECT count(*) AS n,
            count(*) = (SELECT count(*) FROM (${ROWS}) WHERE ${where}) AS complete,
            bool_and(o.fg = [${nan('i.f')}, ${nan('i.g')}]) AS fg,
            bool_and(o.l = [${nan('i.l[1]')}, ${nan('i.l[2]')}]) AS l,
            bool_and(o.e = [${nan('i.e[1]')}, ${nan('i.e[2]')}]::DOUBLE[]) AS e,
            bool_and(o.h = ${nan('i.h % 64')}) AS h
     FROM read_parquet('${place.path('out')}/*.parquet') o JOIN (${ROWS}) i USING (id)`,
  );
  return row;
}

describe('nulls', () => {
  const whole =
    'f + g + h + n IS NOT NULL AND l IS NOT NULL AND e[2] IS NOT NULL AND t IS NOT NULL';

  it.each([7, 1000])('reject their rows, in every layout (batches of %i)', async (batchRows) => {
    const { manifest } = await run('reject', { ...FLOATS, ...OTHERS }, batchRows);
    const [counts] = await place.sql(
      `SELECT count(*) FILTER (WHERE ${whole}) AS scored, count(*) FILTER (WHERE NOT (${whole})) AS rejected FROM (${ROWS})`,
    );
    expect(manifest.rows).toMatchObject(counts ?? {});
    expect(await check(whole)).toEqual({
      n: counts?.['scored'],
      complete: true,
      fg: true,
      l: true,
      e: true,
      h: true,
    });
  });

  it.each([7, 1000])('pass as NaN where the policy says so (batches of %i)', async (batchRows) => {
    const { manifest } = await run('nan', FLOATS, batchRows);
    expect(manifest.rows).toMatchObject({ scored: 5000, rejected: 0 });
    expect(await check('true')).toEqual({
      n: 5000,
      complete: true,
      fg: true,
      l: true,
      e: true,
      h: true,
    });
  });

  it('reject rows under "nan", too, where a tensor has no NaN', async () => {
    const { manifest } = await run('nan', { ...FLOATS, ...OTHERS }, 1000);
    const hasNumbers = 'n IS NOT NULL AND t IS NOT NULL';
    const [counts] = await place.sql(
      `SELECT count(*) AS scored FROM (${ROWS}) WHERE ${hasNumbers}`,
    );
    expect(manifest.rows).toMatchObject(counts ?? {});
    expect(await check(hasNumbers)).toMatchObject({ complete: true, fg: true, l: true, e: true });
    const reasons = await place.sql(
      `SELECT DISTINCT _reason FROM read_parquet('${place.path('out')}/_shardmill/*/rejected/*') ORDER BY 1`,
    );
    expect(reasons.map((row) => row['_reason'])).toEqual([
      'feature n: "n" is null or out of range',
      'feature t: "t" is null',
    ]);
  });

  it.each([
    ['a number', { h: ['float32'] }, 'features.h'],
    ['a text', { t: ['string'] }, 'features.t'],
    ['an element', { e: ['float32', 2] }, 'features.e'],
  ] as const)('fail the run where the policy says so: %s', async (_what, tensors, where) => {
    await expect(run('fail', tensors, 1000)).rejects.toMatchObject({
      code: 'NULL_FEATURE',
      where,
      remedy: expect.stringContaining('coalesce'),
    });
  });

  it('do not matter where the where leaves them out, or SQL fills them', async () => {
    await place.writeParquet('data/a.parquet', ROWS);
    await place.write('model.onnx', echoModel({ fg: ['float32', 2] }));
    const { manifest } = await score(place, {
      nulls: 'fail',
      input: { uri: 'data', where: 'f IS NOT NULL' },
      features: { fg: ['f', 'coalesce(g, -1)'] },
      output: { uri: 'out', columns: { id: 'id', filled: 'fg_out[2] = -1' } },
    });
    expect(manifest.rows).toMatchObject({ scored: 4000, filtered: 1000 });
    expect(await place.results('count(*) FILTER (WHERE filled) AS n')).toEqual([{ n: 571 }]);
  });
});
