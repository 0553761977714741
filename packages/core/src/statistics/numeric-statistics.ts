import { parseUnits, toDouble, UNIT_EXPONENT } from '../profile/exact-sum.js';
import { readBuckets } from '../profile/bucket-text.js';
import type { NumberState } from '../profile/profile-state-schema.js';
import { finiteSum } from './output-statistics.js';
import type { OutputStatistics } from './output-statistics-schema.js';

/** What the statistics of a column say of its numbers; null where it has none. */
export function numericStatistics(state: NumberState | undefined): OutputStatistics['numeric'] {
  if (state === undefined) return null;
  const { nan, infinite, min, max, sum, buckets } = state;
  const { buckets: numbers, counts } = readBuckets(buckets);
  return {
    nan,
    infinite,
    min,
    max,
    sum: finiteSum(toDouble(parseUnits(sum), UNIT_EXPONENT)),
    histogram: Array.from(numbers, (bucket, i) => [bucket, counts[i] ?? 0]),
  };
}
