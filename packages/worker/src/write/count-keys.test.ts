import { estimateRepeats, type KeyState, mergeKeys } from '@shardmill/core';
import { expect, it } from 'vitest';
import { useDatabase } from '../testing/use-database.js';
import { countKeys, type KeyFile } from './count-keys.js';

const { connection, pathOf } = useDatabase();

async function write(
  name: string,
  select: string,
  values: KeyFile['values'] = {},
): Promise<KeyFile> {
  const file = pathOf(`${name}.parquet`);
  await connection().run(`COPY (${select}) TO '${file}' (FORMAT parquet)`);
  return { path: file, values };
}

async function countOf(files: readonly KeyFile[], columns: string[], part = 0): Promise<KeyState> {
  const keys = [{ name: 'x', columns }];
  const [state] = (await countKeys(connection(), files, keys, { shard: 2, part })) ?? [];
  if (state === undefined) throw new Error('nothing was counted');
  return state;
}

it('keys of a part are counted by their values, without those that have a null', async () => {
  const file = await write(
    'one',
    `SELECT 'c' || nullif(i % 9, 8) AS "the id", i % 2 AS month FROM range(12) AS t(i)`,
  );
  expect(await countOf([file], ['the id'])).toMatchObject({
    rows: 11,
    repeated: 3,
    worst: [{ shard: 2, part: 0, repeated: 3 }],
  });
  // 9 is 0 again, and of the other month.
  expect(await countOf([file], ['the id', 'month'])).toMatchObject({ rows: 11, repeated: 0 });
});

it('keys of several parts are found by their hashes, of any type and in any order', async () => {
  for (const [type, key] of [
    ['number', 'i'],
    ['text', `'customer ' || i`],
    ['day', `DATE '2026-01-01' + i::INTEGER`],
  ]) {
    const files = [
      await write(`${type}-1`, `SELECT ${key} AS id FROM range(5000) AS t(i)`),
      await write(
        `${type}-2`,
        `SELECT ${key} AS id FROM range(4000, 9000) AS t(i) ORDER BY i DESC`,
      ),
    ];
    const states = await Promise.all(files.map((file, part) => countOf([file], ['id'], part)));
    const [whole] = mergeKeys(states);
    expect(whole).toBeDefined();
    if (whole === undefined) continue;
    expect(mergeKeys(states.toReversed())).toEqual([whole]);
    expect([whole.rows, whole.repeated]).toEqual([10_000, 0]);
    // 1,000 of 9,000 keys are in both: the sample's standard error is 6% of that.
    expect(Math.abs(estimateRepeats(whole).rows - 1000)).toBeLessThan(250);
    // Both files as one part: the same keys, of which it is known exactly.
    expect(await countOf(files, ['id'])).toMatchObject({
      repeated: 1000,
      hashes: whole.hashes,
      counts: whole.counts,
    });
  }
});

it('keys that ascend are counted as those in any other order are', async () => {
  // One is repeated where a chunk begins, and one behind a null.
  for (const [name, key] of [
    ['different', 'i'],
    ['chunk', 'i - (i >= 2048)::INT'],
    ['null', 'CASE i WHEN 7 THEN NULL WHEN 8 THEN 6 ELSE i END'],
    ['nan', `CASE WHEN i < 5000 THEN i::DOUBLE ELSE 'nan' END`],
  ] as const) {
    const ascending = await write(`${name}-1`, `SELECT ${key} AS id FROM range(5002) AS t(i)`);
    const other = await write(
      `${name}-2`,
      `SELECT id FROM (SELECT ${key} AS id, i FROM range(5002) AS t(i)) ORDER BY i DESC`,
    );
    const [counted, wanted] = [await countOf([ascending], ['id']), await countOf([other], ['id'])];
    expect(counted).toEqual(wanted);
    expect(counted.repeated).toBe(name === 'different' ? 0 : 1);
  }
});

it('a key may have a partition column, which the files lack', async () => {
  const files = [
    await write('de', `SELECT i AS id FROM range(10) AS t(i)`, { country: 'DE' }),
    await write('fr', `SELECT i AS id FROM range(10) AS t(i)`, { country: 'FR' }),
    await write('none', `SELECT i AS id FROM range(10) AS t(i)`, { country: null }),
  ];
  expect(await countOf(files, ['id'])).toMatchObject({ rows: 30, repeated: 20 });
  expect(await countOf(files, ['country', 'id'])).toMatchObject({ rows: 20, repeated: 0 });
});

it('a part without files has no keys, and a run without such checks counts none', async () => {
  expect(await countOf([], ['id'])).toMatchObject({ rows: 0, repeated: 0, hashes: '' });
  expect(await countKeys(connection(), [], undefined, { shard: 0, part: 0 })).toBeUndefined();
});
