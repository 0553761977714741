import { type Check, manifestKey, qualityKey, SUCCESS_KEY } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { findManifest } from '../output/read-location.js';
import { acceptRun } from '../quality/accept-run.js';
import { type Fleet, withFleet } from '../testing/service.js';
import type { SchedulerService } from './scheduler-service.js';

const TOO_MANY: Check = {
  name: 'enough',
  kind: 'rowCount',
  rows: 'scored',
  min: 1_000_000,
  severity: 'fail',
};

/** Two schedulers, so that each step may be taken by either of them. */
function startSchedulers(fleet: Fleet): SchedulerService[] {
  return [1, 2].map(() =>
    fleet.scheduler({
      makePlan: async (request) => {
        const made = fleet.plan(request);
        return { ...made, plan: { ...made.plan, checks: { checks: [TOO_MANY] } } };
      },
    }),
  );
}

/** How often the check of the run was evaluated and failed, by all schedulers. */
async function failuresCounted(schedulers: readonly SchedulerService[]): Promise<number> {
  const line = /^shardmill_quality_outcomes_total\{kind="rowCount",outcome="failed"\} (\d+)$/m;
  const texts = await Promise.all(schedulers.map(({ metrics }) => metrics.metrics()));
  return texts.reduce((sum, text) => sum + Number(line.exec(text)?.[1] ?? 0), 0);
}

describe('a run of a fleet whose check fails', () => {
  it('ends by it, also when it is resumed, and is published once it is accepted', () =>
    withFleet(async (fleet) => {
      const schedulers = startSchedulers(fleet);
      fleet.worker();
      const run = await fleet.submit();
      const failed = await fleet.ended(run);
      expect(failed).toMatchObject({
        phase: 'failed',
        error: { code: 'CHECKS_FAILED', remedy: expect.stringContaining(`accept ${run} --reason`) },
      });
      const noted = await fleet.store.read(qualityKey(run));
      expect(await fleet.store.head(manifestKey(run))).toBeUndefined();
      expect(await fleet.store.head(SUCCESS_KEY)).toBeUndefined();

      await fleet.registry.reopen(run, { by: 'ada', now: new Date(), of: 'failed' });
      const again = await fleet.until(run, ({ round, endedAt }) => round === 1 && endedAt !== null);
      expect(again.error?.code).toBe('CHECKS_FAILED');
      expect(await fleet.store.read(qualityKey(run))).toEqual(noted);

      const now = new Date();
      const accepted = await acceptRun(fleet.store, run, { by: 'ada', reason: 'Easter.', now });
      expect(accepted).toMatchObject({ isOwn: true, fleetRun: run });
      await fleet.registry.reopen(run, { by: 'ada', now, of: 'failed' });
      const finished = await fleet.until(
        run,
        ({ round, endedAt }) => round === 2 && endedAt !== null,
      );
      expect(finished.phase).toBe('finished');
      expect((await findManifest(fleet.store, run))?.quality).toMatchObject({
        outcomes: [{ name: 'enough', passed: false }],
        accepted: { by: 'ada', reason: 'Easter.' },
      });
      expect(await fleet.store.head(SUCCESS_KEY)).toBeDefined();
      expect(await failuresCounted(schedulers)).toBe(1);
    }));
});
