/**
 * The distinct thresholds of each column, sorted. A node's comparison is then one of two ranks: a
 * value's is how many thresholds are below it, and `value > threshold` is `rank > number of the
 * threshold`.
 */
export interface ThresholdColumn {
  readonly column: number;
  readonly thresholds: Float32Array;
}

export interface Thresholds {
  /** Columns that have any, in their order. */
  readonly columns: readonly ThresholdColumn[];
  /** For each node that was given: which of its column's thresholds it has. */
  readonly numbers: Int32Array;
}

/**
 * @param columnOf column of each node
 * @param valueOf threshold of each node
 */
export function distinctThresholds(
  nodes: Int32Array,
  columnOf: Int32Array,
  valueOf: Float32Array,
): Thresholds {
  const width = nodes.reduce((most, node) => Math.max(most, 1 + (columnOf[node] ?? 0)), 0);
  const start = new Int32Array(width + 1);
  for (const node of nodes) {
    const next = 1 + (columnOf[node] ?? 0);
    start[next] = (start[next] ?? 0) + 1;
  }
  for (let i = 0; i < width; i++) start[i + 1] = (start[i + 1] ?? 0) + (start[i] ?? 0);
  const values = new Float32Array(nodes.length);
  const next = start.slice(0, width);
  for (const node of nodes) {
    const column = columnOf[node] ?? 0;
    const at = next[column] ?? 0;
    values[at] = valueOf[node] ?? 0;
    next[column] = at + 1;
  }
  const byColumn = Array.from({ length: width }, (_, column) =>
    sortedDistinct(values.subarray(start[column], start[column + 1])),
  );
  return {
    columns: byColumn
      .map((thresholds, column) => ({ column, thresholds }))
      .filter(({ thresholds }) => thresholds.length > 0),
    numbers: nodes.map((node) =>
      placeOf(byColumn[columnOf[node] ?? 0] ?? new Float32Array(0), valueOf[node] ?? 0),
    ),
  };
}

/** Sorts in place. @returns the first of equal values each */
function sortedDistinct(values: Float32Array): Float32Array {
  values.sort();
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (i === 0 || values[i] !== values[count - 1]) values[count++] = values[i] ?? 0;
  }
  return values.subarray(0, count);
}

function placeOf(sorted: Float32Array, value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
