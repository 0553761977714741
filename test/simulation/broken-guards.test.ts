import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Violation } from './invariants.js';
import { type Broken, runScenario } from './run-scenario.js';
import { type Scenario, scenarios } from './scenario.js';
import { SOUND_ENGINE } from './sim-engine.js';
import { shareOfDay } from '../support/share-of-day.js';
import { seedOr } from './seeds.js';

// Some take thousands of steps to be found.
vi.setConfig({ testTimeout: 300_000 });

const SEEDS = 2_000;
/** With which all of them are found soon. */
const SEED = 1;

/** The first violation that scenarios come to with a broken guard. */
async function findViolation(
  broken: Broken,
  of: fc.Arbitrary<Scenario> = scenarios,
): Promise<Violation> {
  let found: Violation | undefined;
  await fc.check(
    fc.asyncProperty(of, async (scenario) => {
      try {
        await runScenario(scenario, broken);
      } catch (error) {
        if (!(error instanceof Violation)) throw error;
        found ??= error;
        return false;
      }
      return true;
    }),
    { seed: seedOr(SEED), numRuns: SEEDS, endOnFailure: true },
  );
  if (found === undefined) throw new Error(`${SEEDS} scenarios found nothing`);
  return found;
}

const overwriting = (prefix: RegExp): Broken => ({
  store: { createsOnce: (key) => !prefix.test(key) },
});

/** Half of them each day, in turn; all of them where SHARDMILL_MUTATIONS is `all`. */
const SHARES = 2;
const isTried = (index: number): boolean =>
  process.env['SHARDMILL_MUTATIONS'] === 'all' || index % SHARES === shareOfDay(SHARES, new Date());

const GUARDS: readonly (readonly [what: string, broken: Broken, expected: RegExp])[] = [
  ['parts that are overwritten', overwriting(/^part-/), /^invariant 2: part-.* was changed/],
  ['shard records that are overwritten', overwriting(/\/shards\//), /^invariant 2: .*\/shards\//],
  ['manifests that are overwritten', overwriting(/manifest/), /^invariant 2: .*manifest/],
  ['plans that are overwritten', overwriting(/\/plan/), /^invariant 2: .*\/plan/],
  ['a _SUCCESS that is overwritten', overwriting(/_SUCCESS/), /^invariant 2: _SUCCESS/],
  ['two entries of a log in one place', overwriting(/^runs\//), /^invariant 12: runs\//],
  ['two runs of one key', overwriting(/^keys\//), /^invariant 12: keys\//],
  ['two runs at once at one location', overwriting(/^outputs\//), /^invariant 12: outputs\//],
  ['a queue whose losses are not looked for', { hidesLosses: true }, /^invariant 9: no rest/],
  ['shards settled before they are done', { acknowledgesFirst: true }, /^invariant 6: /],
  [
    'input that is not held against the plan',
    { engine: { ...SOUND_ENGINE, checksInput: false } },
    /^invariant 8: /,
  ],
  [
    'rows that are not accounted for',
    { engine: { ...SOUND_ENGINE, countsAllRows: false } },
    /^invariant 11: run .* failed: ROW_ACCOUNTING/,
  ],
];

describe('the simulation finds', () => {
  it.each(GUARDS.filter((_, index) => isTried(index)))('%s', async (_what, broken, expected) => {
    const violation = await findViolation(broken);
    expect(violation.message).toMatch(expected);
  });

  it('parts of a run that is gone', async () => {
    // Frozen while it works for a run, which others finish and another run then overwrites.
    const late = scenarios.map(
      (scenario): Scenario => ({
        ...scenario,
        mode: 'overwrite',
        second: 'other-data',
        secondAt: 0,
        workers: 3,
        lost: 0,
        faults: [{ at: 70 + (scenario.seed % 60), kind: 'freeze-worker', pick: 0.999 }],
      }),
    );
    const violation = await findViolation({ trustsPlans: true }, late);
    expect(violation.message).toMatch(/^invariant [15]: /);
  });
});
