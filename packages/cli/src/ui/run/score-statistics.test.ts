import { describe, expect, it } from 'vitest';
import { PLAIN } from '../../testing/samples.js';
import { scoreStatisticsLines } from './score-statistics.js';

const finite = { count: 4, nulls: 0, nan: 1, infinite: 2, min: 0, max: 0, mean: 0, deciles: [] };
const none = { count: 4, nulls: 1, nan: 1, infinite: 2, min: null, max: null, mean: null };

describe('the statistics of scores', () => {
  it('count infinite values beside NaN, of few columns and of many', () => {
    expect(scoreStatisticsLines({ l: finite }, undefined, PLAIN)).toEqual([
      '',
      '  l  mean 0, from 0 to 0, 1 NaN, 2 infinite, bars from the deciles',
    ]);
    const many = scoreStatisticsLines({ a: finite, b: finite, c: finite }, undefined, PLAIN);
    expect(many.filter((line) => line.includes('2 infinite'))).toHaveLength(3);
  });

  it('say of a numeric column without a finite value what it has instead', () => {
    expect(scoreStatisticsLines({ l: none, t: { count: 4, nulls: 4 } }, undefined, PLAIN)).toEqual([
      '',
      '  l  no finite value, 1 null, 1 NaN, 2 infinite',
    ]);
    expect(scoreStatisticsLines({ l: none }, ['other'], PLAIN)).toEqual([]);
  });
});
