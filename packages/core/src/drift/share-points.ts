import type { NumberState } from '../profile/profile-state-schema.js';
import { bucketPoints, knownPoints } from '../profile/value-points.js';
import type { SharedPoint } from './cumulative-metrics.js';

type Numbers = Pick<NumberState, 'values' | 'buckets'>;

/**
 * The values of two columns on one scale, in order: the values themselves where both sketches have them,
 * else the buckets, which are the same for all columns. So two equal values are always one point.
 */
export function sharePoints(baseline: Numbers, current: Numbers): SharedPoint[] {
  const [before, now] =
    baseline.values !== null && current.values !== null
      ? [knownPoints(baseline.values), knownPoints(current.values)]
      : [bucketPoints(baseline), bucketPoints(current)];
  const points: SharedPoint[] = [];
  let [i, j] = [0, 0];
  while (i < before.values.length || j < now.values.length) {
    const [a, b] = [before.values[i] ?? Infinity, now.values[j] ?? Infinity];
    points.push({
      value: Math.min(a, b),
      baseline: a <= b ? (before.counts[i++] ?? 0) : 0,
      current: b <= a ? (now.counts[j++] ?? 0) : 0,
    });
  }
  return points;
}
