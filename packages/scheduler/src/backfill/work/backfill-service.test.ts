import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FileStore } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { readSuccess } from '../../output/read-location.js';
import type { RegisteredRun } from '../../state/fold-run.js';
import { backfillOf, datesOf } from '../../testing/backfill.js';
import { jobOf } from '../../testing/job.js';
import { keysOf } from '../../testing/run.js';
import { eventually, type Fleet, withFleet } from '../../testing/service.js';
import { runKeyOfDate } from '../log/backfill-layout.js';
import { BackfillRegistry } from '../log/backfill-registry.js';
import type { BackfillRequest } from '../log/backfill-request.js';
import { countDates, dateStates } from '../log/date-states.js';
import type { RegisteredBackfill } from '../log/fold-backfill.js';

async function begin(
  fleet: Fleet,
  change: Partial<BackfillRequest> = {},
): Promise<BackfillRegistry> {
  const backfills = new BackfillRegistry(fleet.registry.store);
  await backfills.submit(backfillOf(fleet.output, change));
  return backfills;
}

const until = (
  fleet: Fleet,
  backfills: BackfillRegistry,
  phase: RegisteredBackfill['phase'],
): Promise<RegisteredBackfill> =>
  eventually(
    async () => {
      const found = await backfills.find('b1');
      return found?.phase === phase ? found : undefined;
    },
    async () =>
      `${JSON.stringify(await backfills.find('b1'))}\n${JSON.stringify(fleet.logged.slice(-20))}`,
  );

async function runsOf(fleet: Fleet): Promise<RegisteredRun[]> {
  const runs: RegisteredRun[] = [];
  for await (const id of fleet.registry.list()) {
    const run = await fleet.registry.find(id);
    if (run !== undefined) runs.push(run);
  }
  return runs;
}

const finishedDates = async (backfills: BackfillRegistry, request: BackfillRequest) =>
  countDates(dateStates(request.dates, await backfills.outcomes('b1'), 0));

const dayOf = (run: RegisteredRun): string => run.request.params['ds'] ?? '';

describe('a backfill in schedulers', () => {
  it('makes one run of each date, with the dates filled in, and ends', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      fleet.worker();
      const backfills = await begin(fleet);
      const { request } = await until(fleet, backfills, 'finished');
      const runs = await runsOf(fleet);
      expect(runs.map(dayOf).toSorted()).toEqual(['2026-11-01', '2026-11-02', '2026-11-03']);
      for (const run of runs) {
        const output = path.join(fleet.output, `ds=${dayOf(run)}`);
        expect(run.request.job.output.uri).toBe(output);
        expect(run.request).toMatchObject({ priority: 25, submittedBy: 'ada@example' });
        expect(await readSuccess(new FileStore(output))).toBe(run.request.run);
      }
      expect(await finishedDates(backfills, request)).toMatchObject({ finished: 3, open: 0 });
      await eventually(async () =>
        (await keysOf(fleet.registry.store, 'active-backfills/')).length === 0 ? true : undefined,
      );
    }));

  it('makes one run of each date with three schedulers, of which two die in the middle', () =>
    withFleet(async (fleet) => {
      const dates = datesOf(12);
      const schedulers = [fleet.scheduler(), fleet.scheduler(), fleet.scheduler()];
      const backfills = await begin(fleet, { dates, maxActive: 3 });
      let done = 0;
      fleet.worker(async (message) => {
        await fleet.score(message);
        if (++done === 8) await schedulers[0]?.close();
        if (done === 20) await schedulers[1]?.close();
      });
      await until(fleet, backfills, 'finished');
      const days = (await runsOf(fleet)).map(dayOf);
      expect(days).toHaveLength(12);
      expect(new Set(days).size).toBe(12);
    }));

  it('never has more dates under way than it may, with any number of schedulers', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      fleet.scheduler();
      const most = { active: 0 };
      fleet.worker(async (message) => {
        const active = (await runsOf(fleet)).filter(({ endedAt }) => endedAt === null).length;
        most.active = Math.max(most.active, active);
        await fleet.score(message);
      });
      const backfills = await begin(fleet, { dates: datesOf(6), maxActive: 2 });
      await until(fleet, backfills, 'finished');
      expect(most.active).toBeLessThanOrEqual(2);
      expect(most.active).toBeGreaterThan(0);
    }));

  it('goes on after a date that failed, and takes only that one up again', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      const broken = { date: '2026-11-02' as string | undefined };
      fleet.worker((message) =>
        broken.date !== undefined && message.output.endsWith(broken.date)
          ? fleet.fail(message)
          : fleet.score(message),
      );
      const backfills = await begin(fleet);
      const failed = await until(fleet, backfills, 'failed');
      const states = dateStates(failed.request.dates, await backfills.outcomes('b1'), 0);
      expect(states.map(({ state }) => state)).toEqual(['finished', 'failed', 'finished']);
      const before = await runsOf(fleet);

      broken.date = undefined;
      await backfills.reopen('b1', 'ada@example', new Date());
      await until(fleet, backfills, 'finished');
      const after = await runsOf(fleet);
      expect(after.map(({ request }) => request.run)).toEqual(
        before.map(({ request }) => request.run),
      );
      const rounds = after.map((run) => `${dayOf(run)} ${run.round} ${run.phase}`).toSorted();
      expect(rounds).toEqual([
        '2026-11-01 0 finished',
        '2026-11-02 1 finished',
        '2026-11-03 0 finished',
      ]);
    }));

  it('that fails again in the next round ends failed again', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      fleet.worker((message) => fleet.fail(message));
      const backfills = await begin(fleet, { dates: datesOf(1) });
      await until(fleet, backfills, 'failed');
      await backfills.reopen('b1', 'ada@example', new Date());
      const failed = await eventually(async () => {
        const found = await backfills.find('b1');
        return found?.round === 1 && found.phase === 'failed' ? found : undefined;
      });
      expect(failed.events.map(({ kind }) => kind)).toEqual(['ended', 'reopened', 'ended']);
      const [run] = await runsOf(fleet);
      expect(run).toMatchObject({ phase: 'failed', round: 1 });
    }));

  it('that is cancelled cancels its runs, begins none, and goes on when it is resumed', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      fleet.scheduler();
      const backfills = await begin(fleet, { dates: datesOf(5), maxActive: 2 });
      await eventually(async () => ((await runsOf(fleet)).length === 2 ? true : undefined));
      await backfills.cancel('b1', 'ada@example', new Date());
      await until(fleet, backfills, 'cancelled');
      const cancelled = await runsOf(fleet);
      expect(cancelled.map(({ phase }) => phase)).toEqual(['cancelled', 'cancelled']);

      await backfills.reopen('b1', 'ada@example', new Date());
      fleet.worker();
      await until(fleet, backfills, 'finished');
      const runs = await runsOf(fleet);
      expect(runs).toHaveLength(5);
      expect(runs.filter(({ round }) => round === 1)).toHaveLength(2);
    }));

  it('cancels a run that it began as it was cancelled', () =>
    withFleet(async (fleet) => {
      const backfills = await begin(fleet, { dates: datesOf(1) });
      // The scheduler reads the log before the cancellation, which another one brings to its end,
      // and begins the run after it.
      const find = fleet.registry.runOfKey.bind(fleet.registry);
      let cancelled = false;
      fleet.registry.runOfKey = async (key) => {
        const found = await find(key);
        if (!cancelled) {
          cancelled = true;
          const asked = await backfills.cancel('b1', 'ada@example', new Date());
          await backfills.end(asked, 'cancelled', new Date());
        }
        return found;
      };
      fleet.scheduler();
      const run = await eventually(async () => (await runsOf(fleet))[0]);
      await fleet.until(run.request.run, ({ phase }) => phase === 'cancelled');
    }));

  it('completes a submission that died half-way', () =>
    withFleet(async (fleet) => {
      const backfills = await begin(fleet, { dates: datesOf(1) });
      const { store } = fleet.registry;
      const create = store.create.bind(store);
      let deaths = 0;
      store.create = async (key, content) => {
        // After the claim of the key, before the run's request.
        if (key.startsWith('runs/') && deaths++ < 2) throw new Error('killed');
        return create(key, content);
      };
      fleet.scheduler();
      fleet.worker();
      await until(fleet, backfills, 'finished');
      expect(deaths).toBeGreaterThan(2);
      const [run, ...others] = await runsOf(fleet);
      expect(others).toEqual([]);
      expect(run?.request.key).toBe(runKeyOfDate('b1', '2026-11-01T00:00:00.000Z'));
    }));

  it('finishes where a date is skipped, since its input did not come in time', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      fleet.worker();
      const { job } = backfillOf(fleet.output);
      const waitFor = { marker: '_SUCCESS', timeout: '0ms', onTimeout: 'skip' } as const;
      const waiting = jobOf({ output: job.output, input: { uri: 'in/{{ ds }}', waitFor } });
      const jobFile = path.join(fleet.folder, 'job.yaml');
      const marker = path.join(fleet.folder, 'in/2026-11-01/_SUCCESS');
      await mkdir(path.dirname(marker), { recursive: true });
      await writeFile(marker, '');
      const backfills = await begin(fleet, { job: waiting, jobFile, dates: datesOf(2) });
      const { request } = await until(fleet, backfills, 'finished');
      expect(await finishedDates(backfills, request)).toMatchObject({ finished: 1, skipped: 1 });
    }));

  it('leaves one that is run locally alone', () =>
    withFleet(async (fleet) => {
      const backfills = await begin(fleet, { place: 'local' });
      fleet.scheduler();
      const run = await fleet.submit();
      fleet.worker();
      await fleet.ended(run);
      expect(await runsOf(fleet)).toHaveLength(1);
      expect(await backfills.outcomes('b1')).toEqual([]);
    }));
});
