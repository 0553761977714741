/**
 * Finds the rank of a value among sorted thresholds without a search through all of them: a linear
 * function puts the value into one of up to 4,096 buckets, a table says how many thresholds are in
 * the buckets below, and the few in the same bucket are compared.
 */
export interface BucketTable {
  readonly scale: number;
  readonly offset: number;
  /** For each bucket, how many thresholds are in lower ones. */
  readonly below: Uint16Array<ArrayBuffer>;
  /** Comparisons that find the place in the most crowded bucket, by halving. */
  readonly steps: number;
}

/** Adding this to a number below 2^23 rounds it, and leaves it in the lower bits. */
export const ROUNDING = 2 ** 23;
const TABLE_BITS = [6, 8, 10, 12];
/** Shares of the thresholds that are left out at both ends of the range, where they are sparse. */
const TRIMMED = [0, 0.01, 0.05];

/** @param thresholds sorted; at most 65,534, as ranks have 16 bits */
export function makeBucketTable(thresholds: Float32Array): BucketTable {
  const { scale, offset, counts, steps } = bestTable(thresholds, finitePart(thresholds));
  const below = new Uint16Array(counts.length);
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    below[i] = sum;
    sum += counts[i] ?? 0;
  }
  return { scale, offset, below, steps };
}

/** The smallest table of those with the fewest steps. */
function bestTable(thresholds: Float32Array, finite: Float32Array): Candidate {
  const { length } = thresholds;
  const enough = TABLE_BITS.findIndex((bits) => 2 ** bits > 16 * length);
  const sizes = enough < 0 ? TABLE_BITS : TABLE_BITS.slice(0, enough + 1);
  let best: Candidate | undefined;
  for (const bits of sizes.toReversed()) {
    const buckets = 2 ** bits;
    // Not even thresholds that are spread evenly would do.
    if (best !== undefined && stepsOf(Math.ceil(length / buckets)) > best.steps) break;
    const candidate = bestOfSize(thresholds, finite, buckets);
    if (best === undefined || candidate.steps <= best.steps) best = candidate;
  }
  return best ?? fill(thresholds, finite, 2 ** (TABLE_BITS[0] ?? 0), 0);
}

function bestOfSize(thresholds: Float32Array, finite: Float32Array, buckets: number): Candidate {
  let best = fill(thresholds, finite, buckets, TRIMMED[0] ?? 0);
  for (const trimmed of TRIMMED.slice(1)) {
    if (best.steps === 1) break;
    const candidate = fill(thresholds, finite, buckets, trimmed);
    if (candidate.steps < best.steps) best = candidate;
  }
  return best;
}

/** Comparisons that find a place among so many, by halving. */
const stepsOf = (count: number): number => Math.max(1, 32 - Math.clz32(count));

/**
 * Infinite thresholds have no place in a range: with them, the linear function would have no slope,
 * and all values would be in one bucket.
 */
function finitePart(thresholds: Float32Array): Float32Array {
  let [first, end] = [0, thresholds.length];
  while (first < end && thresholds[first] === -Infinity) first++;
  while (end > first && thresholds[end - 1] === Infinity) end--;
  return thresholds.subarray(first, end);
}

interface Candidate {
  readonly scale: number;
  readonly offset: number;
  readonly counts: Uint16Array;
  readonly steps: number;
}

function fill(
  thresholds: Float32Array,
  finite: Float32Array,
  buckets: number,
  trimmed: number,
): Candidate {
  const last = Math.max(0, finite.length - 1);
  const low = finite[Math.floor(trimmed * last)] ?? 0;
  const high = finite[Math.ceil((1 - trimmed) * last)] ?? 0;
  const spread = high > low ? Math.fround((buckets - 3) / (high - low)) : 1;
  const scale = Math.min(Math.max(spread, 1e-30), 1e37);
  const wanted = Math.fround(1.5 - low * scale);
  const offset = Number.isFinite(wanted) ? wanted : 0;
  const rounded = { scale: Math.fround(scale), offset };
  const counts = new Uint16Array(buckets);
  let most = 0;
  for (const threshold of thresholds) {
    const bucket = bucketOf(threshold, rounded, buckets);
    const count = (counts[bucket] ?? 0) + 1;
    counts[bucket] = count;
    if (count > most) most = count;
  }
  return { ...rounded, counts, steps: stepsOf(most) };
}

/** The arithmetic of the generated code, step by step in float32. */
export function bucketOf(
  value: number,
  { scale, offset }: Pick<BucketTable, 'scale' | 'offset'>,
  buckets: number,
): number {
  const linear = Math.fround(Math.fround(value * scale) + offset);
  const clamped = linear > 0 ? Math.min(linear, buckets - 1) : 0;
  return Math.fround(clamped + ROUNDING) - ROUNDING;
}
