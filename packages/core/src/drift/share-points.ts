import { readBuckets } from '../profile/bucket-text.js';
import type { NumberState } from '../profile/profile-state-schema.js';
import { LogHistogram } from '../statistics/log-histogram.js';
import type { SharedPoint } from './cumulative-metrics.js';

type Numbers = Pick<NumberState, 'values' | 'buckets'>;

/**
 * The values of two columns on one scale, in order: the values themselves where both sketches have them,
 * else the buckets, which are the same for all columns. So two equal values are always one point.
 */
export function sharePoints(baseline: Numbers, current: Numbers): SharedPoint[] {
  const exact = baseline.values !== null && current.values !== null;
  const [before, now] = [baseline, current].map((column) =>
    exact ? new Map(column.values) : bucketsOf(column),
  );
  const values = new Set([...(before?.keys() ?? []), ...(now?.keys() ?? [])]);
  return [...values]
    .toSorted((a, b) => a - b)
    .map((value) => ({
      value,
      baseline: before?.get(value) ?? 0,
      current: now?.get(value) ?? 0,
    }));
}

/** Rows by the middle of their bucket. */
function bucketsOf({ buckets }: Numbers): Map<number, number> {
  const histogram = new LogHistogram();
  readBuckets(buckets, (bucket, count) => histogram.addToBucket(bucket, count));
  return new Map(histogram.points().map(({ value, count }) => [value, count]));
}
