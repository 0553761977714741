import { type BinCounts, shares, smoothedShares, total, withoutEmpty } from './bin-counts.js';
import { chiSquaredTail } from './tail-probability.js';

/**
 * The population stability index, Σ (c − b)·ln(c / b) over smoothed shares (Siddiqi 2006): the divergence of
 * Jeffreys, without a unit and without an upper bound.
 */
export function populationStability(bins: BinCounts): number {
  const { baseline, current } = withoutEmpty(bins);
  const now = smoothedShares(current);
  return smoothedShares(baseline).reduce((sum, b, i) => {
    const c = now[i] ?? b;
    return sum + (c - b) * Math.log(c / b);
  }, 0);
}

/**
 * The Jensen-Shannon distance: the root of the divergence with logarithms to the base 2 (Endres and
 * Schindelin 2003), from 0 for equal shares to 1 where no bin has rows of both.
 */
export function jensenShannon(bins: BinCounts): number {
  const now = shares(bins.current);
  const divergence = shares(bins.baseline).reduce((sum, b, i) => {
    const c = now[i] ?? 0;
    const middle = (b + c) / 2;
    return sum + (relativeTo(b, middle) + relativeTo(c, middle)) / 2;
  }, 0);
  // Rounding may leave a little less than nothing.
  return Math.sqrt(Math.min(1, Math.max(0, divergence)));
}

const relativeTo = (share: number, middle: number): number =>
  share === 0 ? 0 : share * Math.log2(share / middle);

/**
 * The effect size of chi-squared, Cohen's w: √ Σ (c − b)² / b over smoothed shares (Cohen 1988). Unlike
 * chi-squared itself it does not grow with the number of rows.
 */
export function effectSize(bins: BinCounts): number {
  const { baseline, current } = withoutEmpty(bins);
  const now = smoothedShares(current);
  const sum = smoothedShares(baseline).reduce((all, b, i) => all + ((now[i] ?? b) - b) ** 2 / b, 0);
  return Math.sqrt(sum);
}

/** With fewer rows expected in a bin, chi-squared is not distributed as the test takes it (Cochran 1954). */
const MIN_EXPECTED_ROWS = 5;

export interface ChiSquaredTest {
  readonly statistic: number;
  readonly degrees: number;
  /** How likely so great a difference is, or a greater one, if both were drawn from one population. */
  readonly probability: number;
}

/**
 * Pearson's test of homogeneity of the two rows of counts, without a correction for continuity. Classes in
 * which less than five rows are expected of either are counted as one, which, if it is too small itself,
 * is counted with the smallest of the others.
 * @param classes must not be made of what the baseline alone has: a class of all values that it does not
 *   have would always seem to have grown.
 */
export function chiSquaredTest(classes: BinCounts): ChiSquaredTest {
  const { baseline, current } = withSmallTogether(withoutEmpty(classes));
  const [n, m] = [total(baseline), total(current)];
  const statistic = baseline.reduce((sum, b, i) => {
    const c = current[i] ?? 0;
    const share = (b + c) / (n + m);
    return sum + (b - n * share) ** 2 / (n * share) + (c - m * share) ** 2 / (m * share);
  }, 0);
  const degrees = Math.max(0, baseline.length - 1);
  if (degrees === 0) return { statistic: 0, degrees, probability: 1 };
  return { statistic, degrees, probability: chiSquaredTail(statistic, degrees) };
}

function withSmallTogether({ baseline, current }: BinCounts): BinCounts {
  const [n, m] = [total(baseline), total(current)];
  /** Rows of both that a bin must have for five to be expected of the smaller one. */
  const least = (MIN_EXPECTED_ROWS * (n + m)) / Math.min(n, m);
  const pairs = baseline
    .map((b, i) => ({ b, c: current[i] ?? 0 }))
    .toSorted((x, y) => x.b + x.c - y.b - y.c || x.b - y.b);
  const together = { b: 0, c: 0 };
  while (pairs[0] !== undefined) {
    const [first] = pairs;
    const isSmall = first.b + first.c < least;
    const rows = together.b + together.c;
    if (!isSmall && (rows === 0 || rows >= least)) break;
    together.b += first.b;
    together.c += first.c;
    pairs.shift();
  }
  const all = together.b + together.c > 0 ? [together, ...pairs] : pairs;
  return { baseline: all.map(({ b }) => b), current: all.map(({ c }) => c) };
}
