import fc from 'fast-check';
import { expect, it } from 'vitest';
import { takeRows } from './take-rows.js';

const file = (...rows: number[]) => ({
  bytesToRead: rows.length * 100,
  kept: rows.map((count, index) => ({
    index,
    firstRow: rows.slice(0, index).reduce((sum, n) => sum + n, 0),
    rows: count,
  })),
});

it('takes the first rows, up to within a row group', () => {
  const { files, leftOut } = takeRows([file(10, 10), file(10)], { kind: 'limit', rows: 13 });
  expect(files.map(({ kept }) => kept)).toEqual([
    [
      { index: 0, firstRow: 0, rows: 10 },
      { index: 1, firstRow: 10, rows: 3 },
    ],
    [],
  ]);
  expect(leftOut).toBe(17);
});

it('takes a sample from the middle of each row group, in proportion', () => {
  const { files } = takeRows([file(100, 50), file(50)], { kind: 'sample', rows: 20 });
  expect(files.map(({ kept }) => kept)).toEqual([
    [
      { index: 0, firstRow: 45, rows: 10 },
      { index: 1, firstRow: 122, rows: 5 },
    ],
    [{ index: 0, firstRow: 22, rows: 5 }],
  ]);
});

it('takes as many rows as it is asked for, each within its row group', () => {
  const sizes = fc.array(fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 5 }), {
    maxLength: 6,
  });
  const kinds = fc.constantFrom('limit', 'sample');
  fc.assert(
    fc.property(sizes, kinds, fc.integer({ min: 1, max: 2000 }), (all, kind, rows) => {
      const given = all.map((groups) => file(...groups));
      const total = all.flat().reduce((sum, n) => sum + n, 0);
      const { files, leftOut } = takeRows(given, { kind, rows });
      const taken = files.flatMap(({ kept }) => kept).reduce((sum, group) => sum + group.rows, 0);
      expect(taken).toBe(Math.min(rows, total));
      expect(leftOut).toBe(total - taken);
      for (const [index, { kept }] of files.entries()) {
        for (const group of kept) {
          const whole = given[index]?.kept[group.index];
          expect(group.firstRow).toBeGreaterThanOrEqual(whole?.firstRow ?? Infinity);
          expect(group.firstRow + group.rows).toBeLessThanOrEqual(
            (whole?.firstRow ?? 0) + (whole?.rows ?? 0),
          );
        }
      }
    }),
  );
});
