import { describe, expect, it } from 'vitest';
import { CallCost, limitUs, seemsDear } from './call-cost.js';

const features = (width: number): Parameters<typeof limitUs>[0] => [
  { input: 'x', type: 'float32', layout: 'scalars', width, rowShape: [width], columns: [] },
];
const THIRTY = features(30);

/** The cost after calls of [rows, microseconds per row]. */
function after(...calls: readonly (readonly [rows: number, usPerRow: number])[]): CallCost {
  const cost = new CallCost(THIRTY);
  for (const [rows, us] of calls) cost.record(rows, (rows * us) / 1000);
  return cost;
}
const times = <T>(n: number, item: T): T[] => Array.from({ length: n }, () => item);

describe('the limit', () => {
  it('grows with the features, for which the two passes need more, too', () => {
    expect(limitUs(features(1))).toBeCloseTo(0.104);
    expect(limitUs(THIRTY)).toBeCloseTo(0.22);
    expect(limitUs(features(1000))).toBeCloseTo(4.1);
  });
});

describe('a model', () => {
  it('is not dear before it is called', () => {
    expect(after().tooDear).toBe(false);
  });

  it('is cheap where its calls are', () => {
    expect(after(...times(20, [2048, 0.02] as const)).tooDear).toBe(false);
  });

  it('is dear where every call is', () => {
    expect(after(...times(20, [2048, 0.5] as const)).tooDear).toBe(true);
  });

  it('is cheap where one of several calls is: the others were disturbed', () => {
    expect(after(...times(20, [2048, 0.5] as const), [2048, 0.02]).tooDear).toBe(false);
  });

  it('is not judged by its first calls, which may be disturbed', () => {
    expect(after([1, 300], [16, 20], [128, 3], [2048, 0.5]).tooDear).toBe(false);
  });

  it('is judged by its first call where there is no doubt', () => {
    expect(after([1, 50_000]).tooDear).toBe(true);
  });

  it('is not taken for dear since its calls are small: a call has a cost of its own', () => {
    expect(after(...times(20, [10, 3] as const)).tooDear).toBe(false);
  });

  it('is tried on a few rows first, once', () => {
    const cost = new CallCost(THIRTY);
    expect(cost.firstTries).toEqual([1, 16, 128]);
    cost.record(1, 0.01);
    expect(cost.firstTries).toEqual([]);
  });

  it('of many bytes is dear without a try, its external data included', () => {
    const file = { uri: 'm', sha256: '', bytes: 50_000 };
    const model = { ...file, externalData: [], inputs: [], outputs: [] };
    expect(seemsDear(model)).toBe(false);
    expect(seemsDear({ ...model, externalData: [file] })).toBe(true);
  });
});
