import { describe, expect, it } from 'vitest';
import { comparedRun, shiftedScores, stateOf } from '../testing/profiles.js';
import { judgeRun } from './judge-run.js';

async function judged(severity: 'warn' | 'fail', shift: number) {
  const { store, plan } = await comparedRun(severity);
  return judgeRun({
    store,
    plan,
    rows: { read: 2000, scored: 2000, rejected: 0, filtered: 0 },
    statistics: {},
    profile: stateOf(shiftedScores(shift)),
    keys: undefined,
    queryProfile: undefined,
    rejectedBudget: 0,
    now: new Date(0),
  });
}

describe('drift', () => {
  it('ends a run before its result is published, where the job says so', async () => {
    await expect(judged('fail', 1)).rejects.toMatchObject({
      code: 'CHECKS_FAILED',
      message: expect.stringContaining('The output "score" is not as in the baseline'),
    });
    expect(await judged('fail', 0)).toMatchObject({ outcomes: [{ kind: 'drift', passed: true }] });
  });

  it('is a warning where the job does not', async () => {
    expect(await judged('warn', 1)).toMatchObject({
      outcomes: [{ kind: 'drift', column: 'score', severity: 'warn', passed: false }],
    });
  });
});
