import { describe, expect, it } from 'vitest';
import { LogHistogram } from './log-histogram.js';
import {
  mergeStatistics,
  mergeStatisticsByColumn,
  summarizeStatistics,
} from './output-statistics.js';
import type { OutputStatistics } from './output-statistics-schema.js';

function statisticsOf(values: readonly (number | null)[]): OutputStatistics {
  const known = values.filter((value) => value !== null);
  const finite = known.filter((value) => Number.isFinite(value));
  const histogram = new LogHistogram();
  for (const value of finite) histogram.add(value, 1);
  return {
    count: values.length,
    nulls: values.length - known.length,
    numeric: {
      nan: known.filter((value) => Number.isNaN(value)).length,
      infinite: known.filter((value) => Math.abs(value) === Infinity).length,
      min: finite.length === 0 ? null : Math.min(...finite),
      max: finite.length === 0 ? null : Math.max(...finite),
      sum: finite.reduce((sum, value) => sum + value, 0),
      histogram: histogram.toBuckets(),
    },
  };
}

const A = [1, 2, null, Number.NaN, -4];
const B = [Infinity, 100, null, null];

describe('statistics of an output', () => {
  it('of parts that are merged are those of the whole', () => {
    expect(mergeStatistics(statisticsOf(A), statisticsOf(B))).toEqual(statisticsOf([...A, ...B]));
  });

  it('are not changed by a part without rows, on either side', () => {
    const [some, none] = [statisticsOf(A), statisticsOf([])];
    expect(mergeStatistics(some, none)).toEqual(some);
    expect(mergeStatistics(none, some)).toEqual(some);
  });

  it('of a column that is no number are counts', () => {
    const text = { count: 3, nulls: 1, numeric: null };
    expect(mergeStatistics(text, text)).toEqual({ count: 6, nulls: 2, numeric: null });
    expect(summarizeStatistics(text)).toEqual({ count: 3, nulls: 1 });
  });

  it('are merged column by column; one of one side only is taken as it is', () => {
    const merged = mergeStatisticsByColumn(
      { a: statisticsOf(A), b: statisticsOf(B) },
      { b: statisticsOf(B), c: statisticsOf(A) },
    );
    expect(Object.keys(merged)).toEqual(['a', 'b', 'c']);
    expect(merged['b']?.count).toBe(8);
    expect(merged['c']).toEqual(statisticsOf(A));
  });

  it('are summarized over the finite values', () => {
    const summary = summarizeStatistics(statisticsOf([...A, ...B]));
    expect(summary).toMatchObject({ count: 9, nulls: 3, nan: 1, infinite: 1, min: -4, max: 100 });
    expect(summary.mean).toBeCloseTo(99 / 4);
  });

  it('never give a decile outside the bounds', () => {
    const { deciles } = summarizeStatistics(statisticsOf([0.3, 0.3, 0.3]));
    expect(deciles).toEqual(Array.from({ length: 9 }, () => 0.3));
  });

  it('have neither mean nor deciles without a finite value', () => {
    expect(summarizeStatistics(statisticsOf([null, Number.NaN]))).toMatchObject({
      min: null,
      max: null,
      mean: null,
      deciles: [],
    });
  });
});
