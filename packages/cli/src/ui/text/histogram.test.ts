import { describe, expect, it } from 'vitest';
import { PLAIN } from '../../testing/samples.js';
import { equalWidthBins, histogramLines, sparkline, twoValuesLines } from './histogram.js';

const uniform = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

describe('equal-width bins', () => {
  it('of uniform deciles hold a tenth each, and a whole together', () => {
    const bins = equalWidthBins({ min: 0, max: 1, deciles: uniform });
    expect(bins).toHaveLength(10);
    for (const bin of bins) expect(bin.share).toBeCloseTo(0.1);
    expect(bins.map((bin) => bin.from)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
  });

  it('put the mass of equal quantiles where the value is', () => {
    const bins = equalWidthBins({ min: 0, max: 1, deciles: [0, 0, 0, 0, 0, 0, 0, 0, 0.5] });
    expect(bins[0]?.share).toBeCloseTo(0.82);
    expect(bins.reduce((sum, bin) => sum + bin.share, 0)).toBeCloseTo(1);
  });

  it('have round bounds around the values', () => {
    const bins = equalWidthBins({ min: 0.004, max: 0.951, deciles: uniform });
    expect(bins[0]?.from).toBe(0);
    expect(bins.at(-1)?.to).toBe(1);
    const wide = equalWidthBins({ min: -12, max: 1730, deciles: [] });
    expect(wide[0]?.from).toBe(-200);
    expect(wide.at(-1)?.to).toBe(1800);
  });

  it('count points exactly, the largest value included', () => {
    const points = [
      { value: 0, count: 5 },
      { value: 0.3, count: 1 },
      { value: 1, count: 4 },
    ];
    const bins = equalWidthBins({ min: 0, max: 1, deciles: [], points });
    expect(bins.map((bin) => bin.share)).toEqual([0.5, 0, 0, 0.1, 0, 0, 0, 0, 0, 0.4]);
  });

  it.each([
    [1e-9, 3e-9],
    [-1e12, 1e12],
    [0.1, 0.3],
    [5, 5.0000001],
    [-3, -1],
  ])('cover %d to %d with six to eleven bins', (min, max) => {
    const bins = equalWidthBins({ min, max, deciles: [] });
    expect(bins.length).toBeGreaterThanOrEqual(4);
    expect(bins.length).toBeLessThanOrEqual(11);
    expect(bins[0]?.from).toBeLessThanOrEqual(min);
    expect(bins.at(-1)?.to).toBeGreaterThanOrEqual(max);
    expect(bins.reduce((sum, bin) => sum + bin.share, 0)).toBeCloseTo(1);
  });

  it('of one value are one bin', () => {
    expect(equalWidthBins({ min: 3, max: 3, deciles: [3] })).toEqual([
      { from: 3, to: 3, share: 1 },
    ]);
  });
});

it('lines show bounds, a bar and a share; what is there is never invisible', () => {
  const lines = histogramLines(
    [
      { from: 0, to: 0.5, share: 0.9995 },
      { from: 0.5, to: 1, share: 0.0005 },
      { from: 1, to: 1.5, share: 0 },
    ],
    PLAIN,
    8,
  );
  expect(lines).toEqual([
    '    0.0 – 0.5  ████████ 100%',
    '    0.5 – 1.0  ▏ <0.1%',
    '    1.0 – 1.5',
  ]);
});

describe('two values', () => {
  const lines = (...points: { value: number; count: number }[]): string[] | undefined =>
    twoValuesLines({ min: 0, max: 1, deciles: [], points }, PLAIN, 8);

  it('have a line each, with their counts; the extremes are the values', () => {
    expect(lines({ value: 0, count: 36_631 }, { value: 0.997, count: 12_211 })).toEqual([
      '    0  ████████ 75%  36,631',
      '    1  ██▋ 25%  12,211',
    ]);
  });

  it('are not one value, nor three, nor unknown', () => {
    const point = { value: 0, count: 1 };
    expect(lines()).toBeUndefined();
    expect(lines(point)).toBeUndefined();
    expect(lines(point, { value: 0.5, count: 1 }, { value: 1, count: 1 })).toBeUndefined();
    expect(twoValuesLines({ min: 0, max: 1, deciles: [] }, PLAIN)).toBeUndefined();
  });
});

it('a sparkline has a character per bin', () => {
  const bins = [0.5, 0.25, 0.0001, 0].map((share, i) => ({ from: i, to: i + 1, share }));
  expect(sparkline(bins)).toBe('█▄▁ ');
});
