import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketsToText, textToBuckets } from './bucket-text.js';

describe('the text of a histogram', () => {
  it('gives back the buckets that it was made of', () => {
    const bucket = fc.tuple(
      fc.integer({ min: 0, max: 2 ** 18 - 1 }),
      fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    );
    fc.assert(
      fc.property(fc.array(bucket), (buckets) => {
        expect(textToBuckets(bucketsToText(buckets))).toEqual(buckets);
      }),
    );
  });
});
