import { expect, it } from 'vitest';
import { rejectingColumns } from './forecast-rejects.js';

const plain = Array.from({ length: 300 }, (_, i) => ({ column: `c${i}`, float: i % 2 === 0 }));
const job = {
  nulls: 'reject',
  input: { uri: 'data', hivePartitioning: true, missingColumns: 'fail' },
} as const;

it('looks at no more columns of files than planning has time for', () => {
  expect(rejectingColumns(plain, job, 1)).toHaveLength(300);
  expect(rejectingColumns(plain, job, 5000)).toEqual(plain.slice(0, 100).map((p) => p.column));
  expect(rejectingColumns(plain, job, 600_000)).toEqual([]);
});

it('takes each column once, and none that may be NaN', () => {
  expect(rejectingColumns([...plain, ...plain], { ...job, nulls: 'nan' }, 1)).toHaveLength(150);
});
