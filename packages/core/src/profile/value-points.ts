import { bucketMiddle } from '../statistics/log-histogram.js';
import { readBuckets } from './bucket-text.js';
import type { NumberState } from './profile-state-schema.js';

/** Different values in ascending order, and how often there is each. */
export interface ValuePoints {
  readonly values: Float64Array;
  readonly counts: Float64Array;
}

/** The values themselves, of a column that has few. */
export function knownPoints(known: readonly (readonly [number, number])[]): ValuePoints {
  const sorted = known.toSorted(([a], [b]) => a - b);
  return {
    values: Float64Array.from(sorted, ([value]) => value),
    counts: Float64Array.from(sorted, ([, count]) => count),
  };
}

/** The middles of a column's buckets. */
export function bucketPoints({ buckets: text }: Pick<NumberState, 'buckets'>): ValuePoints {
  const { buckets, counts } = readBuckets(text);
  const values = new Float64Array(buckets.length);
  for (let i = 0; i < buckets.length; i++) values[i] = bucketMiddle(buckets[i] ?? 0);
  return { values, counts };
}
