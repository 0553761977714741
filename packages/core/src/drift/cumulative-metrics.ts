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
  let [below, now, distance] = [0, 0, 0];
  for (const { baseline, current } of points) {
    below += baseline;
    now += current;
    distance = Math.max(distance, Math.abs(below / n - now / m));
  }
  return { distance, probability: kolmogorovTail(distance * Math.sqrt((n * m) / (n + m))) };
}

/**
 * The Wasserstein distance of order 1, in the unit of the values: the area between the two distribution
 * functions (Vallender 1974).
 */
export function wasserstein(points: readonly SharedPoint[]): number {
  const { n, m } = rowsOf(points);
  let [below, now, area] = [0, 0, 0];
  let [gap, before] = [0, points[0]?.value ?? 0];
  for (const { value, baseline, current } of points) {
    area += gap * (value - before);
    below += baseline;
    now += current;
    gap = Math.abs(below / n - now / m);
    before = value;
  }
  return area;
}

function rowsOf(points: readonly SharedPoint[]): { readonly n: number; readonly m: number } {
  let [n, m] = [0, 0];
  for (const { baseline, current } of points) {
    n += baseline;
    m += current;
  }
  return { n, m };
}
