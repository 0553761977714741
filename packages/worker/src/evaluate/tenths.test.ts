import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutsOf, type LevelAtCut, tenthsOf } from './tenths.js';

interface Row {
  readonly score: number;
  readonly label: number;
}

/** As the SQL makes them, each level once. */
function levelsOf(rows: readonly Row[]): LevelAtCut[] {
  const scores = [...new Set(rows.map(({ score }) => score))].toSorted((a, b) => b - a);
  let [upto, labelsUpto, scoresUpto] = [0, 0, 0];
  return scores.map((score) => {
    const own = rows.filter((row) => row.score === score);
    const labels = own.reduce((sum, { label }) => sum + label, 0);
    upto += own.length;
    labelsUpto += labels;
    scoresUpto += score * own.length;
    return { score, rows: own.length, upto, labels, labelsUpto, scoresUpto };
  });
}

const row = fc.record({
  score: fc.integer({ min: 0, max: 12 }),
  label: fc.integer({ max: 1, min: 0 }),
});

it('without ties on a cut are those of the sorted rows', () => {
  const rows = Array.from({ length: 20 }, (_, i) => ({ score: 20 - i, label: i < 3 ? 1 : 0 }));
  const tenths = tenthsOf(20, levelsOf(rows));
  expect(tenths.map(({ labels }) => labels)).toEqual([2, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect(tenths.map(({ leastScore }) => leastScore)).toEqual([19, 17, 15, 13, 11, 9, 7, 5, 3, 1]);
  expect(tenths[0]).toEqual({
    decile: 1,
    rows: 2,
    leastScore: 19,
    meanScore: 19.5,
    labels: 2,
    labelsUpto: 2,
  });
});

it('share rows of one score evenly', () => {
  const rows = Array.from({ length: 30 }, (_, i) => ({ score: 1, label: i % 3 === 0 ? 1 : 0 }));
  for (const tenth of tenthsOf(30, levelsOf(rows))) {
    expect(tenth.labels).toBeCloseTo(1, 12);
    expect(tenth.meanScore).toBeCloseTo(1, 12);
  }
});

it('of any rows add up to all rows, labels and scores', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 60 }), (rows) => {
      const tenths = tenthsOf(rows.length, levelsOf(rows));
      const sum = (of: (tenth: (typeof tenths)[number]) => number): number =>
        tenths.reduce((total, tenth) => total + of(tenth), 0);
      const all = (of: (row: Row) => number): number => rows.reduce((t, one) => t + of(one), 0);
      expect(sum((tenth) => tenth.rows)).toBeCloseTo(rows.length, 9);
      expect(sum((tenth) => tenth.labels)).toBeCloseTo(
        all(({ label }) => label),
        9,
      );
      expect(sum((tenth) => tenth.rows * tenth.meanScore)).toBeCloseTo(
        all(({ score }) => score),
        9,
      );
      expect(cutsOf(rows.length).at(-1)).toBe(rows.length);
    }),
    { numRuns: 100 },
  );
});
