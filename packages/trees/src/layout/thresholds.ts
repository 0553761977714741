import { NotForKernelError } from '../not-for-kernel.js';

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
  const width = 1 + most(nodes, columnOf);
  const start = new Int32Array(width + 1);
  for (let i = 0; i < nodes.length; i++) {
    const next = 1 + (columnOf[nodes[i] ?? 0] ?? 0);
    start[next] = (start[next] ?? 0) + 1;
  }
  for (let i = 0; i < width; i++) start[i + 1] = (start[i + 1] ?? 0) + (start[i] ?? 0);
  // The nodes, by their column.
  const places = new Int32Array(nodes.length);
  const next = start.slice(0, width);
  for (let i = 0; i < nodes.length; i++) {
    const column = columnOf[nodes[i] ?? 0] ?? 0;
    const at = next[column] ?? 0;
    places[at] = i;
    next[column] = at + 1;
  }
  const numbers = new Int32Array(nodes.length);
  const columns: ThresholdColumn[] = [];
  for (let column = 0; column < width; column++) {
    const own = places.subarray(start[column], start[column + 1]);
    if (own.length === 0) continue;
    const values = Float32Array.from(own, (place) => valueOf[nodes[place] ?? 0] ?? 0);
    columns.push({ column, thresholds: numberInOrder(values, own, numbers) });
  }
  return { columns, numbers };
}

function most(nodes: Int32Array, columnOf: Int32Array): number {
  let found = -1;
  for (let i = 0; i < nodes.length; i++) {
    const column = columnOf[nodes[i] ?? 0] ?? 0;
    if (column > found) found = column;
  }
  return found;
}

/** Places below it, beside 32 bits of a value, are exact in a double. */
const MAX_PLACES = 2 ** 21;

/**
 * Numbers values in their order, equal ones alike.
 * @param places where the number of each value goes in `numbers`
 * @returns the distinct values, sorted
 */
function numberInOrder(
  values: Float32Array,
  places: Int32Array,
  numbers: Int32Array,
): Float32Array {
  if (values.length > MAX_PLACES) throw new NotForKernelError('a feature has too many nodes');
  const distinct = new Float32Array(values.length);
  let count = 0;
  for (const key of sortedKeys(values)) {
    const place = key % MAX_PLACES;
    const value = values[place] ?? 0;
    if (count === 0 || value !== distinct[count - 1]) distinct[count++] = value;
    numbers[places[place] ?? 0] = count - 1;
  }
  return distinct.slice(0, count);
}

/**
 * Keys in the order of the values: 32 bits that are ordered as the value is, and below them where it was.
 * So the native sort of numbers orders places, too.
 */
function sortedKeys(values: Float32Array): Float64Array {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  const keys = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const own = bits[i] ?? 0;
    // Of negative numbers, those with more bits are lower.
    const ordered = 2 ** 31 + (own < 0 ? own ^ 0x7fffffff : own);
    keys[i] = ordered * MAX_PLACES + i;
  }
  return keys.toSorted();
}
