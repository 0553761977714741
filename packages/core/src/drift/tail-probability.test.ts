import { describe, expect, it } from 'vitest';
import { chiSquaredTail, kolmogorovTail } from './tail-probability.js';

/** `scipy.stats.chi2.sf` and `scipy.special.kolmogorov` of scipy 1.17.1. */
describe('the probability of a greater value by chance', () => {
  it.each([
    [0.5, 1, 0.47950012218695337],
    [3.84, 1, 0.05004352124870519],
    [60, 1, 9.485737571073857e-15],
    [2, 5, 0.8491450360846096],
    [9.5, 10, 0.4853975577785966],
    [40, 10, 1.694474393006737e-5],
    [250, 300, 0.9838029502076451],
    [420, 300, 5.615768781937539e-6],
    [900, 30, 6.105822512851014e-170],
  ])('of chi-squared %d with %i degrees of freedom', (statistic, degrees, expected) => {
    expect(chiSquaredTail(statistic, degrees) / expected).toBeCloseTo(1, 9);
  });

  it.each([
    [0.2, 0.999999999999495],
    [0.5, 0.9639452436648751],
    [0.9, 0.3927307079406543],
    [1.0, 0.26999967167735456],
    [1.3, 0.06809222184476636],
    [2, 0.0006709252557796953],
    [4, 2.532833109818835e-14],
  ])('of a Kolmogorov-Smirnov distance, scaled to %d', (scaled, expected) => {
    expect(kolmogorovTail(scaled) / expected).toBeCloseTo(1, 9);
  });

  it('of no difference is 1', () => {
    expect([chiSquaredTail(0, 3), chiSquaredTail(5, 0), kolmogorovTail(0)]).toEqual([1, 1, 1]);
  });
});
