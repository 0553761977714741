import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { challengerStateSchema } from './challenger-state-schema.js';
import { mergeChallengers } from './challenger-merger.js';
import { bandOf, NumberAgreement } from './number-agreement.js';
import { rankCorrelation } from './rank-correlation.js';
import { rankEveryOf, RankSample } from './rank-sample.js';

const LIMITS = [0.2, 0.5];

type Pair = readonly [champion: number, challenger: number];

function stateOf(pairs: readonly Pair[]) {
  const agreement = new NumberAgreement(LIMITS);
  for (const [champion, challenger] of pairs) agreement.add(champion, challenger, true);
  const columns = [
    agreement.toState('score'),
    { kind: 'labels' as const, column: 'band', compared: pairs.length, equal: pairs.length },
  ];
  return challengerStateSchema.parse({ name: 'next', sampled: pairs.length, failed: 0, columns });
}

describe('how a challenger compares', () => {
  it('is the same however its rows are split and in whatever order the parts come', () => {
    const pair = fc.tuple(fc.double({ noNaN: true }), fc.double({ noNaN: true }));
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 40 }), fc.nat(), fc.nat(), (pairs, a, b) => {
        const [first, second] = [a % (pairs.length + 1), b % (pairs.length + 1)].toSorted(
          (x, y) => x - y,
        );
        const parts = [pairs.slice(0, first), pairs.slice(first, second), pairs.slice(second)];
        const [one, two, three] = parts.map((part) => [stateOf(part)]);
        if (one === undefined || two === undefined || three === undefined) return;
        const merged = mergeChallengers(mergeChallengers(one, two), three);
        const turned = mergeChallengers(three, mergeChallengers(two, one));
        expect(facts(merged)).toEqual(facts([stateOf(pairs)]));
        expect(facts(turned)).toEqual(facts(merged));
      }),
    );
  });

  it('counts rows by both bands, of which a limit is the beginning', () => {
    expect([0.1999, 0.2, 0.5, 7].map((value) => bandOf(value, LIMITS))).toEqual([0, 1, 2, 2]);
    const [score] = stateOf([
      [0.1, 0.1],
      [0.1, 0.3],
      [0.6, 0.5],
      [0.5, 0.49],
    ]).columns;
    expect(score).toMatchObject({ compared: 4, bands: [1, 1, 0, 0, 0, 0, 0, 1, 1] });
  });

  it('leaves out rows in which one of the two is not finite', () => {
    const [score] = stateOf([
      [NaN, 0.1],
      [0.1, Infinity],
      [-Number.MAX_VALUE, Number.MAX_VALUE],
      [0.25, 0.5],
    ]).columns;
    expect(score).toMatchObject({ compared: 1, largest: 0.25, pairs: [0.25, 0.5] });
  });

  it('refuses what is compared otherwise', () => {
    const other = { ...stateOf([]), name: 'other' };
    expect(() => mergeChallengers([stateOf([])], [other])).toThrow('something else');
  });
});

/** The rank correlation does not depend on the order of the pairs. */
function facts(states: readonly ReturnType<typeof stateOf>[]) {
  return states.map(({ columns, ...counts }) => ({
    ...counts,
    columns: columns.map((column) =>
      column.kind === 'labels'
        ? column
        : { ...column, pairs: column.pairs.length, rank: rankCorrelation(column.pairs) },
    ),
  }));
}

describe("Spearman's coefficient", () => {
  it.each<[string, number[], number | null]>([
    ['the same order', [1, 10, 2, 20, 3, 21], 1],
    ['the reverse', [1, 3, 2, 2, 3, 1], -1],
    // scipy.stats.spearmanr([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])
    ['with ties', [1, 5, 2, 6, 3, 7, 4, 8, 5, 7], 0.820_782_681_668_123_3],
    ['a single value on one side', [1, 5, 2, 5, 3, 5], null],
    ['no pair', [], null],
  ])('of %s', (_, pairs, expected) => {
    const found = rankCorrelation(pairs);
    if (expected === null) expect(found).toBeNull();
    else expect(found).toBeCloseTo(expected, 14);
  });
});

describe('the rows whose ranks are compared', () => {
  it('are all of a small run, and about 5,000 of a large one, chosen by their places', () => {
    expect(rankEveryOf(9999)).toBe(1);
    const rows = 1_000_000;
    const sample = new RankSample(rankEveryOf(rows), { shard: 3, part: 1 });
    const chosen = Array.from({ length: rows }, (_, row) => row).filter((row) => sample.has(row));
    expect(Math.abs(chosen.length - 5000)).toBeLessThan(250);
    const some = sample.among(1000, 50_000).map((row) => 1000 + row);
    expect(some).toEqual(chosen.filter((row) => row >= 1000 && row < 51_000));
    expect(new RankSample(1, { shard: 0, part: 0 }).among(7, 3)).toEqual([0, 1, 2]);
    const again = new RankSample(rankEveryOf(rows), { shard: 3, part: 1 });
    expect(chosen.every((row) => again.has(row))).toBe(true);
    const other = new RankSample(rankEveryOf(rows), { shard: 3, part: 2 });
    expect(chosen.filter((row) => other.has(row)).length).toBeLessThan(100);
  });
});
