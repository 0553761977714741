import type { FloatBlock } from './float-block.js';

/** Of two arrays of one length, in order of value. */
export interface FilledBuckets {
  readonly buckets: Int32Array;
  readonly counts: Float64Array;
}

/**
 * A histogram with buckets of constant relative width, exact in its counts and mergeable, for
 * quantiles of values that were never held together. A bucket is the top 18 bits of a float64:
 * sign, exponent and 6 bits of mantissa, so it is at most 1/64 of its value wide and a quantile is
 * within 0.8 % (the idea of HdrHistogram and DDSketch, with the float's own bits as logarithm).
 */
export class LogHistogram {
  /** By the upper bits of a bucket: which page has the counts of 64 buckets, or 0. Most have none. */
  readonly #pages = new Uint16Array(PAGES);
  /** The first page stays empty. */
  #counts = new Float64Array(16 * PAGE_BUCKETS);
  #nextPage = 1;
  /** Pages that have counts. */
  readonly #used: number[] = [];

  /** Adds the values of a block, in which there is no -0. */
  addBlock({ words, length }: FloatBlock): void {
    const pages = this.#pages;
    let counts = this.#counts;
    for (let at = 1; at < 2 * length; at += 2) {
      const bucket = (words[at] ?? 0) >>> BUCKET_SHIFT;
      let page = pages[bucket >>> PAGE_SHIFT] ?? 0;
      if (page === 0) {
        page = this.#newPage(bucket >>> PAGE_SHIFT);
        counts = this.#counts;
      }
      const place = page * PAGE_BUCKETS + (bucket & (PAGE_BUCKETS - 1));
      counts[place] = (counts[place] ?? 0) + 1;
    }
  }

  add(value: number, count: number): void {
    FLOAT[0] = value + 0;
    this.addToBucket((WORDS[1] ?? 0) >>> BUCKET_SHIFT, count);
  }

  /** `[bucket, count]` pairs in order of value; the form in which it is stored. */
  toBuckets(): [number, number][] {
    const { buckets, counts } = this.filled();
    return Array.from(buckets, (bucket, i) => [bucket, counts[i] ?? 0]);
  }

  /** Buckets that are not empty in order of value, and the count of each. */
  filled(): FilledBuckets {
    const [own, size] = [this.#counts, this.#nextPage * PAGE_BUCKETS];
    const buckets = new Int32Array(size);
    const counts = new Float64Array(size);
    let filled = 0;
    for (const page of this.#used.toSorted(byValue)) {
      const start = (this.#pages[page] ?? 0) * PAGE_BUCKETS;
      const isNegative = page >= PAGES / 2;
      for (let i = 0; i < PAGE_BUCKETS; i++) {
        const offset = isNegative ? PAGE_BUCKETS - 1 - i : i;
        const count = own[start + offset] ?? 0;
        if (count === 0) continue;
        buckets[filled] = page * PAGE_BUCKETS + offset;
        counts[filled++] = count;
      }
    }
    return { buckets: buckets.subarray(0, filled), counts: counts.subarray(0, filled) };
  }

  /** Adds what another histogram stored. */
  merge(buckets: Iterable<readonly [number, number]>): void {
    for (const [bucket, count] of buckets) this.addToBucket(bucket, count);
  }

  /** Adds buckets with their counts: as `addToBucket` does, in a loop of its own. */
  addFilled({ buckets, counts }: FilledBuckets): void {
    const pages = this.#pages;
    let own = this.#counts;
    for (let i = 0; i < buckets.length; i++) {
      const bucket = buckets[i] ?? 0;
      let page = pages[bucket >>> PAGE_SHIFT] ?? 0;
      if (page === 0) {
        page = this.#newPage(bucket >>> PAGE_SHIFT);
        own = this.#counts;
      }
      const place = page * PAGE_BUCKETS + (bucket & (PAGE_BUCKETS - 1));
      own[place] = (own[place] ?? 0) + (counts[i] ?? 0);
    }
  }

  addToBucket(bucket: number, count: number): void {
    const known = this.#pages[bucket >>> PAGE_SHIFT] ?? 0;
    const page = known === 0 ? this.#newPage(bucket >>> PAGE_SHIFT) : known;
    const place = page * PAGE_BUCKETS + (bucket & (PAGE_BUCKETS - 1));
    this.#counts[place] = (this.#counts[place] ?? 0) + count;
  }

  #newPage(page: number): number {
    const made = this.#nextPage++;
    if (this.#nextPage * PAGE_BUCKETS > this.#counts.length) {
      const grown = new Float64Array(2 * this.#counts.length);
      grown.set(this.#counts);
      this.#counts = grown;
    }
    this.#pages[page] = made;
    this.#used.push(page);
    return made;
  }

  /** Values at the given fractions (0 to 1), by nearest rank; the middle of their bucket. */
  quantiles(fractions: readonly number[]): number[] {
    const buckets = this.toBuckets();
    const total = buckets.reduce((sum, [, count]) => sum + count, 0);
    return fractions.map((fraction) => {
      let left = Math.max(1, Math.ceil(fraction * total));
      for (const [bucket, count] of buckets) {
        left -= count;
        if (left <= 0) return bucketMiddle(bucket);
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
      value: bucketMiddle(bucket),
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
}

/** The value in the middle of a bucket; 0 is one by itself. */
export function bucketMiddle(bucket: number): number {
  if (bucket === 0) return 0;
  WORDS[0] = 0;
  WORDS[1] = ((bucket << BUCKET_SHIFT) | (1 << (BUCKET_SHIFT - 1))) >>> 0;
  return FLOAT[0] ?? 0;
}

const FLOAT = new Float64Array(1);
const WORDS = new Uint32Array(FLOAT.buffer);

/** The upper 32 bits of a float64 have this many bits below the bucket's number. */
const BUCKET_SHIFT = 14;
/** A page has the buckets of one sign and exponent. */
const PAGE_SHIFT = 6;
const PAGE_BUCKETS = 2 ** PAGE_SHIFT;
const PAGES = 2 ** (32 - BUCKET_SHIFT - PAGE_SHIFT);

/** Pages of negative values have the sign bit, and grow away from zero. */
function byValue(a: number, b: number): number {
  const [negativeA, negativeB] = [a >= PAGES / 2, b >= PAGES / 2];
  if (negativeA !== negativeB) return negativeA ? -1 : 1;
  return negativeA ? b - a : a - b;
}
