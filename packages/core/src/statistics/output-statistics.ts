import { LogHistogram } from './log-histogram.js';
import type { OutputStatistics } from './output-statistics-schema.js';

/** The form in which the manifest shows them. */
export interface OutputSummary {
  readonly count: number;
  readonly nulls: number;
  readonly nan?: number;
  readonly infinite?: number;
  readonly min?: number | null;
  readonly max?: number | null;
  readonly mean?: number | null;
  /** The 10 %, 20 %, … 90 % quantiles, each within 0.8 % of its value. */
  readonly deciles?: number[];
  /** The distribution: values, each within 0.8 %, with how often they occur. */
  readonly points?: { readonly value: number; readonly count: number }[];
}

/** Enough to draw a histogram, few enough for a manifest. */
const MAX_POINTS = 512;

export function mergeStatistics(a: OutputStatistics, b: OutputStatistics): OutputStatistics {
  const merged = { count: a.count + b.count, nulls: a.nulls + b.nulls };
  if (a.numeric === null || b.numeric === null) return { ...merged, numeric: null };
  const histogram = new LogHistogram();
  histogram.merge(a.numeric.histogram);
  histogram.merge(b.numeric.histogram);
  return {
    ...merged,
    numeric: {
      nan: a.numeric.nan + b.numeric.nan,
      infinite: a.numeric.infinite + b.numeric.infinite,
      min: extreme(a.numeric.min, b.numeric.min, Math.min),
      max: extreme(a.numeric.max, b.numeric.max, Math.max),
      sum: sumOf(a.numeric.sum, b.numeric.sum),
      histogram: histogram.toBuckets(),
    },
  };
}

/** Merges statistics by column; a column of one side only is taken as it is. */
export function mergeStatisticsByColumn(
  a: Readonly<Record<string, OutputStatistics>>,
  b: Readonly<Record<string, OutputStatistics>>,
): Record<string, OutputStatistics> {
  // A map: a column may have the name of something that every object has, such as `constructor`.
  const merged = new Map(Object.entries(a));
  for (const [name, statistics] of Object.entries(b)) {
    const known = merged.get(name);
    merged.set(name, known === undefined ? statistics : mergeStatistics(known, statistics));
  }
  return Object.fromEntries(merged);
}

export function summarizeStatistics(statistics: OutputStatistics): OutputSummary {
  const { count: rows, nulls, numeric } = statistics;
  if (numeric === null) return { count: rows, nulls };
  const finite = rows - nulls - numeric.nan - numeric.infinite;
  const histogram = new LogHistogram();
  histogram.merge(numeric.histogram);
  const { min, max } = numeric;
  const within = (value: number): number => Math.min(Math.max(value, min ?? value), max ?? value);
  return {
    count: rows,
    nulls,
    nan: numeric.nan,
    infinite: numeric.infinite,
    min,
    max,
    mean: finite === 0 || numeric.sum === null ? null : numeric.sum / finite,
    deciles:
      finite === 0
        ? []
        : histogram.quantiles([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]).map(within),
    points: histogram
      .points(MAX_POINTS)
      .map(({ value, count }) => ({ value: within(value), count })),
  };
}

function sumOf(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : finiteSum(a + b);
}

/** Infinity cannot be stored: JSON has no such number. */
export function finiteSum(sum: number): number | null {
  return Number.isFinite(sum) ? sum : null;
}

function extreme(
  a: number | null,
  b: number | null,
  pick: (a: number, b: number) => number,
): number | null {
  if (a === null) return b;
  return b === null ? a : pick(a, b);
}
