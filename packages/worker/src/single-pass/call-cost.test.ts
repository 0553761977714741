import type { Scoring } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { modelBytes } from '../model/model-bytes.js';
import { CallCost, limitUs, MAX_US_PER_ROW } from './call-cost.js';

const features = (width: number): Scoring['features'] => [
  { input: 'x', type: 'float32', layout: 'scalars', width, rowShape: [width], columns: [] },
];
const model = (bytes: number, external = 0): Scoring['model'] => {
  const file = { uri: 'm', sha256: '', bytes };
  const externalData = external === 0 ? [] : [{ ...file, bytes: external }];
  return { ...file, externalData, inputs: [], outputs: [] };
};

/** The cost of a model of so many bytes, after parts of so many microseconds a row. */
function after(bytes: number, ...parts: readonly (number | undefined)[]): CallCost {
  const cost = new CallCost({ features: features(30), model: model(bytes) });
  for (const us of parts) cost.record(us);
  return cost;
}

describe('the limit', () => {
  it('grows with the features, for which the two passes need more, too', () => {
    expect(limitUs(features(1))).toBeCloseTo(0.104);
    expect(limitUs(features(30))).toBeCloseTo(0.22);
    expect(limitUs(features(1000))).toBeCloseTo(4.1);
  });
});

describe('a model', () => {
  it('is expensive by its size as long as nothing is known of its calls', () => {
    expect(after(1000).expensive).toBe(false);
    expect(after(100_000).expensive).toBe(true);
    expect(after(100_000, undefined).expensive).toBe(true);
  });

  it('may be larger where it has many features', () => {
    const wide = (bytes: number): boolean =>
      new CallCost({ features: features(384), model: model(bytes) }).expensive;
    expect(wide(100_000)).toBe(false);
    expect(wide(200_000)).toBe(true);
  });

  it('is expensive by its calls then', () => {
    expect(after(1000, 0.5).expensive).toBe(true);
    expect(after(100_000, 0.02).expensive).toBe(false);
  });

  it('is cheap where one of several calls is: the others were disturbed', () => {
    expect(after(1000, 0.5, 0.02, 0.5).expensive).toBe(false);
  });

  it('is too expensive only by its calls', () => {
    expect(after(1e9).tooExpensive).toBe(false);
    expect(after(1e9, MAX_US_PER_ROW - 1).tooExpensive).toBe(false);
    expect(after(1000, MAX_US_PER_ROW + 1).tooExpensive).toBe(true);
  });

  it('has the bytes of its external data, too', () => {
    expect(modelBytes(model(10))).toBe(10);
    expect(modelBytes(model(10, 500))).toBe(510);
  });
});
