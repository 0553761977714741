/** How many rows of a baseline and of a run there are in each bin, in one order. */
export interface BinCounts {
  readonly baseline: readonly number[];
  readonly current: readonly number[];
}

/** Bins that no row of either is in say nothing, and are left out. */
export function withoutEmpty({ baseline, current }: BinCounts): BinCounts {
  const used = baseline.map((count, i) => count + (current[i] ?? 0) > 0);
  return {
    baseline: baseline.filter((_, i) => used[i]),
    current: current.filter((_, i) => used[i]),
  };
}

export const total = (counts: readonly number[]): number =>
  counts.reduce((sum, count) => sum + count, 0);

/** The share of each bin. */
export const shares = (counts: readonly number[]): number[] => {
  const rows = total(counts);
  return counts.map((count) => count / rows);
};

/**
 * The share of each bin, none of which is 0: half a row is added to each (Jeffreys' prior), so that a
 * bin that one of the two lacks has a finite weight, the less the fewer rows there are.
 */
export const smoothedShares = (counts: readonly number[]): number[] => {
  const rows = total(counts) + counts.length / 2;
  return counts.map((count) => (count + 0.5) / rows);
};
