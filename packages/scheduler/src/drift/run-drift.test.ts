import { baselineKey, driftKey, type Profile } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { type ComparedRun, comparedRun, profileOf, shiftedScores } from '../testing/profiles.js';
import { driftOutcomes } from './drift-outcomes.js';
import { driftOf } from './run-drift.js';

interface Place extends ComparedRun {
  readonly profile: (shift: number) => Profile;
}

async function planned(severity: 'warn' | 'fail' = 'fail'): Promise<Place> {
  const { store, plan } = await comparedRun(severity);
  return { store, plan, profile: (shift) => profileOf(plan, shiftedScores(shift)) };
}

describe('the drift of a run', () => {
  it('is found against the baseline that was stored with its plan', async () => {
    const { store, plan, profile } = await planned();
    const drift = await driftOf(store, plan, () => profile(1));
    expect(drift).toMatchObject({ runId: 'r1', severity: 'fail', baseline: { runId: 'r0' } });
    expect(driftOutcomes(drift ?? never())).toEqual([
      {
        name: 'drift of output score',
        kind: 'drift',
        column: 'score',
        severity: 'fail',
        observed: expect.any(Number),
        expected: 'psi at most 0.2',
        passed: false,
        message: expect.stringMatching(
          /^The output "score" is not as in the baseline: psi is \d\.\d+, above 0\.2\.$/,
        ),
      },
    ]);
  });

  it('is decided once: a process that finishes the run later goes by what was noted', async () => {
    const { store, plan, profile } = await planned();
    const first = await driftOf(store, plan, () => profile(1));
    // By then another profile would be found, and the baseline is gone.
    await store.delete(baselineKey('r1', plan.drift?.baseline?.sha256 ?? ''));
    expect(await driftOf(store, plan, () => profile(0))).toEqual(first);
    expect(await store.head(driftKey('r1'))).toBeDefined();
  });

  it('is none where nothing has changed', async () => {
    const { store, plan, profile } = await planned();
    const drift = await driftOf(store, plan, () => profile(0));
    expect(driftOutcomes(drift ?? never())).toEqual([
      expect.objectContaining({ passed: true, message: '1 of 1 columns are as in the baseline.' }),
    ]);
  });

  it('is unknown, and ends no run, where the run has no profile', async () => {
    const { store, plan } = await planned('fail');
    const drift = await driftOf(store, plan, () => undefined);
    expect(driftOutcomes(drift ?? never())).toEqual([
      expect.objectContaining({
        severity: 'warn',
        passed: false,
        message: expect.stringContaining('the run has no profile of it'),
      }),
    ]);
  });

  it('is not decided by a baseline that was changed or is gone', async () => {
    const { store, plan, profile } = await planned();
    const key = baselineKey('r1', plan.drift?.baseline?.sha256 ?? '');
    await store.replace(key, Buffer.from('{}'));
    const refusal = { code: 'PLAN_MISMATCH', where: `/out/${key}` };
    await expect(driftOf(store, plan, () => profile(0))).rejects.toMatchObject(refusal);
    await store.delete(key);
    await expect(driftOf(store, plan, () => profile(0))).rejects.toMatchObject({
      ...refusal,
      message: expect.stringContaining('it is gone'),
    });
  });

  it('is not looked for where there is no baseline, and passes where there was no earlier run', async () => {
    const { store, plan, profile } = await planned();
    const { drift: planDrift, ...without } = plan;
    expect(await driftOf(store, without, () => profile(0))).toBeUndefined();
    expect(store.objects.has(driftKey('r1'))).toBe(false);
    const drift = planDrift && { ...planDrift, baseline: null, columns: [] };
    const found = await driftOf(store, { ...plan, drift }, () => profile(0));
    expect(driftOutcomes(found ?? never())).toEqual([
      expect.objectContaining({ passed: true, message: expect.stringContaining('no earlier run') }),
    ]);
  });
});

function never(): never {
  throw new Error('there is no drift');
}
