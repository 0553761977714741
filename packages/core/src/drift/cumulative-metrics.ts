import { kolmogorovTail } from './tail-probability.js';

/** A value with how many rows of a baseline and of a run have it, in order of value. */
export interface SharedPoint {
  readonly value: number;
  readonly baseline: number;
  readonly current: number;
}

export interface KolmogorovSmirnov {
  /** The greatest difference of the two distribution functions, from 0 to 1. */
  readonly distance: number;
  /** How likely it is by chance, for large samples; too high where values are repeated. */
  readonly probability: number;
}

/** The two-sample statistic of Kolmogorov and Smirnov (Smirnov 1939). */
export function kolmogorovSmirnov(points: readonly SharedPoint[]): KolmogorovSmirnov {
  const { n, m } = rowsOf(points);
  let distance = 0;
  for (const { gap } of gapsOf(points)) distance = Math.max(distance, gap);
  return { distance, probability: kolmogorovTail(distance * Math.sqrt((n * m) / (n + m))) };
}

/**
 * The Wasserstein distance of order 1, in the unit of the values: the area between the two distribution
 * functions (Vallender 1974).
 */
export function wasserstein(points: readonly SharedPoint[]): number {
  let area = 0;
  const gaps = gapsOf(points);
  for (const [i, { value, gap }] of gaps.entries()) {
    const next = gaps[i + 1];
    if (next !== undefined) area += gap * (next.value - value);
  }
  return area;
}

function gapsOf(points: readonly SharedPoint[]): { value: number; gap: number }[] {
  const { n, m } = rowsOf(points);
  let [below, now] = [0, 0];
  return points.map(({ value, baseline, current }) => {
    below += baseline;
    now += current;
    return { value, gap: Math.abs(below / n - now / m) };
  });
}

function rowsOf(points: readonly SharedPoint[]): { readonly n: number; readonly m: number } {
  let [n, m] = [0, 0];
  for (const { baseline, current } of points) {
    n += baseline;
    m += current;
  }
  return { n, m };
}
