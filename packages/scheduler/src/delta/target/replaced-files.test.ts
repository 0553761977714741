import type { Column } from '@shardmill/core';
import { expect, it } from 'vitest';
import { addOf, commit, metaDataOf, PROTOCOL } from '../../testing/delta-table.js';
import { MemoryStore } from '../../testing/memory-store.js';
import { readTarget } from './read-target.js';
import { replacedFiles } from './replaced-files.js';

const COLUMNS: readonly Column[] = [
  { name: 'day', type: 'DATE' },
  { name: 'n', type: 'BIGINT' },
  { name: 'b', type: 'BOOLEAN' },
  { name: 'score', type: 'FLOAT' },
];
const partitionBy = ['day', 'n', 'b'];

/** Which files are replaced by a run that writes these partitions. */
async function replacedBy(
  mode: 'append' | 'overwrite' | 'replace-partitions',
  ...written: Record<string, string | null>[]
): Promise<string[]> {
  const store = new MemoryStore('s3://lake/t');
  const file = (path: string, day: string | null, n: string | null, b: string | null) =>
    addOf(path, 1, { partitionValues: { day, n, b } });
  await commit(store, 0, [
    PROTOCOL,
    metaDataOf([{ name: 'score', type: 'float' }], { partitionColumns: partitionBy }),
    file('first', '2026-01-01', '7', 'true'),
    file('as-others-write-it', '2026-01-01', '+7', 'True'),
    file('other-day', '2026-01-02', '7', 'true'),
    file('no-value', null, '7', 'true'),
    file('empty', '', '7', 'true'),
  ]);
  const parts = written.map((partition) => ({ partition }));
  const run = { mode, columns: COLUMNS, partitionBy, parts };
  return replacedFiles(await readTarget({ store }), run).map(({ path }) => path);
}

it('a run replaces the partitions that it writes, in whatever form the table has their values', async () => {
  const replaced = (...written: Record<string, string | null>[]) =>
    replacedBy('replace-partitions', ...written);
  const [day, n, b] = ['2026-01-01', '7', 'true'];
  expect(await replaced({ day, n, b })).toEqual(['first', 'as-others-write-it']);
  expect(await replaced({ day: null, n, b })).toEqual(['no-value', 'empty']);
  expect(await replaced({ day: '2026-01-02', n, b }, { day: '2026-01-03', n, b })).toEqual([
    'other-day',
  ]);
  expect(await replaced({ day, n: '8', b })).toEqual([]);
  expect(await replaced()).toEqual([]);
  expect(await replacedBy('append', { day, n, b })).toEqual([]);
  expect(await replacedBy('overwrite')).toHaveLength(5);
});
