import type { SharedPoint } from './cumulative-metrics.js';

/** A bin of numbers: those above `from` and up to `to`, or those that are equal to both. */
interface NumberBin {
  readonly from: number;
  readonly to: number;
  readonly baseline: number;
  readonly current: number;
}

export interface NumberBins {
  /** Of values that the baseline has, in their order. */
  readonly bins: readonly NumberBin[];
  /** Rows of the run with values that no bin has. */
  readonly beyond: number;
  /** What a test compares: the bins, or where these are values of the baseline, the values of both. */
  readonly classes: readonly RowsOfBoth[];
}

interface RowsOfBoth {
  readonly baseline: number;
  readonly current: number;
}

/** Bins of about as many rows of the baseline each: deciles (Yurdakul 2018 on their number). */
const MAX_BINS = 10;
/** Of so few different values, each is a bin. */
const MAX_VALUES_AS_BINS = 20;

/**
 * Divides the values of both by those of the baseline: into its deciles, or, where it has few different
 * values, one by one. What lies below the least or above the greatest value of the baseline, or
 * beside its few values, has a bin of its own, which is empty in the baseline.
 */
export function binNumbers(points: readonly SharedPoint[]): NumberBins {
  const known = points.filter(({ baseline }) => baseline > 0);
  const isFew = known.length <= MAX_VALUES_AS_BINS;
  return isFew ? byValue(points, known) : byDecile(points, known);
}

function byValue(points: readonly SharedPoint[], known: readonly SharedPoint[]): NumberBins {
  const bins = known.map(({ value, ...rows }) => ({ from: value, to: value, ...rows }));
  return { bins, beyond: currentRows(points) - currentRows(known), classes: points };
}

function byDecile(points: readonly SharedPoint[], known: readonly SharedPoint[]): NumberBins {
  const rows = known.reduce((sum, { baseline }) => sum + baseline, 0);
  const [least = Number.NaN, greatest = Number.NaN] = [known[0]?.value, known.at(-1)?.value];
  const bins: NumberBin[] = [];
  let [from, taken, baseline, current, inside] = [least, 0, 0, 0, 0];
  for (const point of points) {
    if (point.value < least || point.value > greatest) continue;
    baseline += point.baseline;
    current += point.current;
    inside += point.current;
    // A bin ends where the next decile is reached, however many of them one value spans.
    const reached =
      ((taken + baseline) * MAX_BINS) / rows >= Math.floor((taken * MAX_BINS) / rows) + 1;
    if (point.value !== greatest && (point.baseline === 0 || !reached)) continue;
    bins.push({ from, to: point.value, baseline, current });
    taken += baseline;
    [from, baseline, current] = [point.value, 0, 0];
  }
  const beyond = currentRows(points) - inside;
  return { bins, beyond, classes: [...bins, { baseline: 0, current: beyond }] };
}

const currentRows = (points: readonly RowsOfBoth[]): number =>
  points.reduce((sum, { current }) => sum + current, 0);
