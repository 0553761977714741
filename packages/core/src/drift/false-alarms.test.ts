import { describe, expect, it } from 'vitest';
import type { ProfileColumn } from '../profile/profile-schema.js';
import {
  drawn,
  driftedColumns,
  normal,
  POPULATION,
  seededRandom,
} from '../testing/drift-trials.js';

/** docs/drift.md has what 4,000 runs gave: SHARDMILL_DRIFT_RUNS=4000 with `--disable-console-intercept`. */
const RUNS = Number(process.env['SHARDMILL_DRIFT_RUNS'] ?? 24);
const BY_DEFAULT = { psi: 0.2 };
/** Leaves the decision to the tests alone. */
const BY_TESTS = { psi: 0, ks: 0 };

type Pairs = [ProfileColumn, ProfileColumn][];
type Random = () => number;

/** The share of runs with drift. */
function shareWithDrift(
  runs: number,
  draw: (random: Random) => Pairs,
  thresholds: Parameters<typeof driftedColumns>[1],
): number {
  const random = seededRandom(14);
  let found = 0;
  for (let run = 0; run < runs; run++) {
    if (driftedColumns(draw(random), thresholds).length > 0) found++;
  }
  if (RUNS > 100) console.log(expect.getState().currentTestName, thresholds, found / runs);
  return found / runs;
}

const resampled =
  (baselineRows: number, rows: number) =>
  (random: Random): Pairs =>
    Object.values(POPULATION).map((draw) => [
      drawn(draw, baselineRows, random),
      drawn(draw, rows, random),
    ]);

describe('of a population that did not change', () => {
  it.each([
    [100, 100],
    [1000, 30],
    [1000, 300],
    [4000, 2000],
  ])('a run has no drift, with %i rows of the baseline and %i of the run', (n, m) => {
    const runs = Math.ceil(RUNS / (1 + (n + m) / 1000));
    // A share of 0.01 is allowed; more than one run in 20 would be far from that.
    expect(shareWithDrift(runs, resampled(n, m), BY_DEFAULT)).toBeLessThan(0.05);
    expect(shareWithDrift(runs, resampled(n, m), BY_TESTS)).toBeLessThan(0.05);
  });
});

describe('a shift of known size', () => {
  const found = (before: (random: Random) => number | string | null, now: typeof before) =>
    shareWithDrift(
      Math.ceil(RUNS / 20),
      (random) => [[drawn(before, 5000, random), drawn(now, 2000, random)]],
      BY_DEFAULT,
    );
  const shifted = (mean: number, deviation = 1) =>
    found(normal, (r) => mean + deviation * normal(r));

  it('of the mean by 0.6 standard deviations is found, and one by 0.25 is below the threshold', () => {
    expect(shifted(0.6)).toBe(1);
    expect(shifted(0.25)).toBe(0);
  });

  it('of the standard deviation by 60% is found', () => {
    expect(shifted(0, 1.6)).toBe(1);
  });

  it('of the share of a text is found where it is large enough', () => {
    const texts = (share: number) => (random: Random) => (random() < share ? 'a' : 'b');
    expect(found(texts(0.3), texts(0.6))).toBe(1);
    expect(found(texts(0.3), texts(0.4))).toBe(0);
  });

  it('is found where a tenth of the values is missing, or is new', () => {
    const gaps = (share: number, gap: number | string | null) => (random: Random) =>
      random() < share ? gap : typeof gap === 'string' ? 'known' : random();
    expect(found(gaps(0, null), gaps(0.1, null))).toBe(1);
    expect(found(gaps(0, 'new'), gaps(0.1, 'new'))).toBe(1);
  });
});
