/**
 * A histogram with buckets of constant relative width, exact in its counts and mergeable, for
 * quantiles of values that were never held together. A bucket is the top 18 bits of a float64:
 * sign, exponent and 6 bits of mantissa, so it is at most 1/64 of its value wide and a quantile is
 * within 0.8 % (the idea of HdrHistogram and DDSketch, with the float's own bits as logarithm).
 */
export class LogHistogram {
  #counts = new Map<number, number>();
  /** Counts that are not in the map yet: ten times as fast for many values. */
  #recent: RecentCounts | undefined;
  #float = new Float64Array(1);
  #words = new Uint32Array(this.#float.buffer);

  /**
   * Adds the finite ones of `count` values: those at `start`, `start + stride`, … of an array.
   */
  addAll(values: Float32Array | Float64Array, start: number, stride: number, count: number): void {
    this.#recent ??= spare.pop() ?? { counts: new Uint32Array(BUCKETS), used: [] };
    const { counts, used } = this.#recent;
    const float = this.#float;
    const words = this.#words;
    const end = start + count * stride;
    for (let at = start; at < end; at += stride) {
      const value = values[at] ?? Number.NaN;
      if (!Number.isFinite(value)) continue;
      // Adding zero makes -0 the same as 0.
      float[0] = value + 0;
      const bucket = (words[1] ?? 0) >>> BUCKET_SHIFT;
      const before = counts[bucket] ?? 0;
      if (before === 0) used.push(bucket);
      counts[bucket] = before + 1;
    }
  }

  add(value: number, count: number): void {
    this.#float[0] = value + 0;
    this.#addToBucket((this.#words[1] ?? 0) >>> BUCKET_SHIFT, count);
  }

  /** `[bucket, count]` pairs in order of value; the form in which it is stored. */
  toBuckets(): [number, number][] {
    if (this.#recent !== undefined) {
      const { counts, used } = this.#recent;
      for (const bucket of used) {
        this.#addToBucket(bucket, counts[bucket] ?? 0);
        counts[bucket] = 0;
      }
      used.length = 0;
      if (spare.length < MAX_SPARE) spare.push(this.#recent);
      this.#recent = undefined;
    }
    return [...this.#counts].toSorted((a, b) => order(a[0]) - order(b[0]));
  }

  /** Adds what another histogram stored. */
  merge(buckets: Iterable<readonly [number, number]>): void {
    for (const [bucket, count] of buckets) this.#addToBucket(bucket, count);
  }

  #addToBucket(bucket: number, count: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count);
  }

  /** Values at the given fractions (0 to 1), by nearest rank; the middle of their bucket. */
  quantiles(fractions: readonly number[]): number[] {
    const buckets = this.toBuckets();
    const total = buckets.reduce((sum, [, count]) => sum + count, 0);
    return fractions.map((fraction) => {
      let left = Math.max(1, Math.ceil(fraction * total));
      for (const [bucket, count] of buckets) {
        left -= count;
        if (left <= 0) return this.#middle(bucket);
      }
      return Number.NaN;
    });
  }

  /**
   * Values with their counts, in order of value, at most `limit` of them: the middles of the
   * buckets, of which neighbours are put together, two by two, until there are few enough.
   */
  points(limit = Infinity): { value: number; count: number }[] {
    let points = this.toBuckets().map(([bucket, count]) => ({
      value: this.#middle(bucket),
      count,
    }));
    while (points.length > limit) {
      const merged: typeof points = [];
      for (const [index, { value, count }] of points.entries()) {
        const last = merged.at(-1);
        if (index % 2 === 0 || last === undefined) merged.push({ value, count });
        else {
          const both = last.count + count;
          last.value = (last.value * last.count + value * count) / both;
          last.count = both;
        }
      }
      points = merged;
    }
    return points;
  }

  #middle(bucket: number): number {
    if (bucket === 0) return 0;
    this.#words[0] = 0;
    this.#words[1] = ((bucket << BUCKET_SHIFT) | (1 << (BUCKET_SHIFT - 1))) >>> 0;
    return this.#float[0] ?? 0;
  }
}

/** Counts by bucket, and which of them are not zero. */
interface RecentCounts {
  readonly counts: Uint32Array;
  readonly used: number[];
}

/**
 * Cleared ones, for the next histograms of this thread. One takes a megabyte, and to make it and to look through it for
 * a part of a thousand rows took longer than to score them.
 */
const spare: RecentCounts[] = [];
const MAX_SPARE = 8;

/** The upper 32 bits of a float64 have this many bits below the bucket's number. */
const BUCKET_SHIFT = 14;
const BUCKETS = 2 ** (32 - BUCKET_SHIFT);

/** Buckets of negative values have the sign bit and grow away from zero. */
function order(bucket: number): number {
  return bucket >= 1 << 17 ? (1 << 17) - bucket : bucket;
}
