/** Repeated measurements of one thing. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @param values at least one. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const half = Math.floor(sorted.length / 2);
  return {
    median: sorted.length % 2 === 1 ? at(half) : (at(half - 1) + at(half)) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  };
}

/**
 * The ratio of two medians, with the lowest and highest ratio among the repeats: measurement i of
 * the one was taken next to measurement i of the other.
 */
export function ratioOf(values: readonly number[], baseline: readonly number[]): Spread {
  const pairs = values.map((value, index) => value / (baseline[index] ?? Number.NaN));
  const { min, max } = spreadOf(pairs);
  return { median: spreadOf(values).median / spreadOf(baseline).median, min, max };
}
