/**
 * Spearman's coefficient: Pearson's over the ranks, where rows of one value share the mean of their ranks.
 * It is computed in whole numbers, so that the order of the pairs makes no difference.
 * @param pairs a first and a second value, in turn; fewer than 100,000 of them.
 * @returns null where one side has a single value
 */
export function rankCorrelation(pairs: readonly number[]): number | null {
  const rows = pairs.length / 2;
  const first = doubledRanks(Array.from({ length: rows }, (_, row) => pairs[2 * row] ?? 0));
  const second = doubledRanks(Array.from({ length: rows }, (_, row) => pairs[2 * row + 1] ?? 0));
  // The mean of the doubled ranks 2, 4, …, 2n.
  const mean = rows + 1;
  let [both, ofFirst, ofSecond] = [0, 0, 0];
  for (let row = 0; row < rows; row++) {
    const [a, b] = [(first[row] ?? 0) - mean, (second[row] ?? 0) - mean];
    both += a * b;
    ofFirst += a * a;
    ofSecond += b * b;
  }
  return ofFirst === 0 || ofSecond === 0 ? null : both / Math.sqrt(ofFirst) / Math.sqrt(ofSecond);
}

/** Twice the rank of each value, from 1 on; those that are the same share the mean of their ranks. */
function doubledRanks(values: readonly number[]): number[] {
  const order = [...values.keys()].toSorted((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = values.map(() => 0);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to++;
    for (let at = from; at < to; at++) ranks[order[at] ?? 0] = from + 1 + to;
    from = to;
  }
  return ranks;
}
