import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketsToText, readBuckets } from './bucket-text.js';

describe('the text of a histogram', () => {
  it('gives back the buckets that it was made of', () => {
    const bucket = fc.tuple(
      fc.integer({ min: 0, max: 2 ** 18 - 1 }),
      fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    );
    fc.assert(
      fc.property(fc.array(bucket, { maxLength: 1000, size: 'max' }), (buckets) => {
        const text = bucketsToText({
          buckets: Int32Array.from(buckets, ([number]) => number),
          counts: Float64Array.from(buckets, ([, count]) => count),
        });
        const read = readBuckets(text);
        expect([...read.buckets]).toEqual(buckets.map(([number]) => number));
        expect([...read.counts]).toEqual(buckets.map(([, count]) => count));
      }),
      { numRuns: 20 },
    );
  });
});
