import { describe, expect, it } from 'vitest';
import { checkColumns } from './check-columns.js';
import type { OutputStatistics } from './output-statistics-schema.js';

const of = (count: number, nulls: number, nan?: number): OutputStatistics => ({
  count,
  nulls,
  numeric:
    nan === undefined ? null : { nan, infinite: 0, min: null, max: null, sum: 0, histogram: [] },
});

describe('a column of a result', () => {
  it('is reported where it is null in every row, of any type', () => {
    const statistics = { text: of(5, 5), number: of(5, 5, 0), some: of(5, 4), none: of(5, 0, 0) };
    expect(checkColumns(statistics, ['text', 'number', 'some', 'none'])).toEqual([
      { check: 'all-null', column: 'text', rows: 5 },
      { check: 'all-null', column: 'number', rows: 5 },
    ]);
  });

  it('is reported where it has no number in any row', () => {
    const statistics = { all: of(5, 0, 5), withNulls: of(5, 2, 3), some: of(5, 1, 3) };
    expect(checkColumns(statistics, ['all', 'withNulls', 'some'])).toEqual([
      { check: 'all-nan', column: 'all', rows: 5 },
      { check: 'all-nan', column: 'withNulls', rows: 5 },
    ]);
  });

  it('is passed over where there are no rows, or where it is not to be checked', () => {
    expect(checkColumns({ empty: of(0, 0), other: of(3, 3) }, ['empty', 'unknown'])).toEqual([]);
  });
});
