import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type JobDefinition, ShardmillError } from '@shardmill/core';
import type { RunView } from '@shardmill/queue';
import { describe, expect, it } from 'vitest';
import type { RegisteredRun } from '../state/fold-run.js';
import { jobOf } from '../testing/job.js';
import { eventually, type Fleet, withFleet } from '../testing/service.js';
import { lookAtInput } from '../wait/look-at-input.js';
import type { Clock } from './runtime/clock.js';
import type { SchedulerServiceOptions } from './runtime/scheduler-options.js';

type Conditions = JobDefinition['input']['waitFor'];

/** Times faster than time: intervals of jobs are seconds at least. */
const SPEED = 20;
const START = Date.now();
const clock: Clock = {
  now: () => START + (Date.now() - START) * SPEED,
  sleep: (ms, signal) => sleep(ms / SPEED, undefined, { signal }).catch(() => {}),
};
const iso = (): string => new Date(clock.now()).toISOString();
const SETTINGS = { intervalMs: 500, relistMs: 6000, viewMs: 400, settleMs: 0 };

function scheduler(fleet: Fleet, change: Partial<SchedulerServiceOptions> = {}) {
  return fleet.scheduler({ clock, settings: SETTINGS, ...change });
}

/** A run over `in/` of the fleet's folder, which waits. */
async function submit(fleet: Fleet, waitFor: Conditions, output = fleet.output): Promise<string> {
  const job = jobOf({
    input: { uri: path.join(fleet.folder, 'in'), waitFor },
    output: { uri: output, columns: { score: 'score' } },
  });
  const run = `w${++submitted}`;
  await fleet.registry.submit({ ...REQUEST, run, job, submittedAt: iso() });
  fleet.redis.eventsSide.publish({ kind: 'run-changed', run });
  return run;
}

let submitted = 0;
const REQUEST = {
  key: null,
  jobFile: '/jobs/job.yaml',
  params: {},
  priority: 0,
  failFast: false,
  submittedBy: 'me@here',
} as const;

async function put(fleet: Fleet, name: string, content = ''): Promise<void> {
  const file = path.join(fleet.folder, 'in', name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
}

const seenWaiting = (fleet: Fleet, run: string): Promise<RunView> =>
  eventually(() => {
    const view = fleet.redis.views.get(run);
    return view?.inputWait?.lacks == null ? undefined : view;
  });

const kindsOf = ({ events }: RegisteredRun): string[] => events.map(({ kind }) => kind);

describe('a run that waits for its input', () => {
  it('shows for what and since when, and goes on when it is there', () =>
    withFleet(async (fleet) => {
      let plans = 0;
      scheduler(fleet, {
        makePlan: async (request) => {
          plans++;
          return fleet.plan(request);
        },
      });
      fleet.worker();
      const run = await submit(fleet, { marker: '_SUCCESS', every: '1s', timeout: '1h' });
      const { request } = await fleet.registry.resolve(run);
      expect(await seenWaiting(fleet, run)).toMatchObject({
        state: 'waiting',
        inputWait: {
          conditions: ['marker _SUCCESS'],
          since: request.submittedAt,
          until: new Date(Date.parse(request.submittedAt) + 3_600_000).toISOString(),
          onTimeout: 'fail',
          lacks: [`${path.join(fleet.folder, 'in', '_SUCCESS')} is not there`],
        },
      });
      expect(plans).toBe(0);
      await put(fleet, '_SUCCESS');
      const ended = await fleet.ended(run);
      expect(kindsOf(ended)).toEqual(['waited', 'planning', 'planned', 'finalizing', 'finished']);
    }));

  it('keeps no planning slot, and no location, from other runs', () =>
    withFleet(async (fleet) => {
      scheduler(fleet, { settings: { ...SETTINGS, plansAtOnce: 1 } });
      fleet.worker();
      const waiting = await submit(fleet, { marker: 'never', every: '1s' });
      await seenWaiting(fleet, waiting);
      const other = await fleet.submit();
      expect((await fleet.ended(other)).phase).toBe('finished');
      expect((await fleet.registry.resolve(waiting)).phase).toBe('waiting');
    }));

  it.each(['fail', 'skip', 'run'] as const)('after its time: %s', (onTimeout) =>
    withFleet(async (fleet) => {
      scheduler(fleet);
      fleet.worker();
      const run = await submit(fleet, { files: 2, every: '1s', timeout: '3s', onTimeout });
      await put(fleet, 'a.parquet', 'x');
      const ended = await fleet.ended(run);
      const lacks = '1 of 2 files are there';
      if (onTimeout === 'run') {
        expect(ended.phase).toBe('finished');
        expect(ended.events[0]).toMatchObject({ kind: 'waited', lacks: [lacks] });
        return;
      }
      expect(ended).toMatchObject({
        phase: onTimeout === 'skip' ? 'skipped' : 'failed',
        planRun: null,
        error: {
          code: onTimeout === 'skip' ? 'RUN_SKIPPED' : 'INPUT_WAIT_TIMEOUT',
          message: expect.stringContaining(lacks),
        },
      });
      const waited = Date.parse(ended.endedAt ?? '') - Date.parse(ended.since);
      expect(waited).toBeGreaterThanOrEqual(3000);
    }),
  );

  it('goes on to wait after a restart with an emptied Redis, from the same time on', () =>
    withFleet(async (fleet) => {
      const first = scheduler(fleet);
      const run = await submit(fleet, { marker: 'never', every: '1s', timeout: '60s' });
      const before = await seenWaiting(fleet, run);
      await first.close();
      fleet.redis.flush();
      scheduler(fleet);
      const after = await seenWaiting(fleet, run);
      expect(after.inputWait?.since).toBe(before.inputWait?.since);
      const ended = await fleet.ended(run);
      expect(ended.error?.code).toBe('INPUT_WAIT_TIMEOUT');
      const waited = Date.parse(ended.endedAt ?? '') - Date.parse(ended.request.submittedAt);
      expect(waited).toBeGreaterThanOrEqual(60_000);
    }));

  it('is cancelled meanwhile, also while a look does not end', () =>
    withFleet(async (fleet) => {
      let aborted = false;
      scheduler(fleet, {
        lookAtInput: (_request, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              aborted = true;
              reject(signal.reason);
            });
          }),
      });
      const run = await submit(fleet, { files: 1 });
      await eventually(() => fleet.redis.views.get(run)?.state === 'waiting' || undefined);
      await fleet.registry.cancel(run, 'me', new Date());
      expect((await fleet.ended(run)).phase).toBe('cancelled');
      expect(aborted).toBe(true);
    }));

  it('waits anew when it is taken up again after it was skipped', () =>
    withFleet(async (fleet) => {
      scheduler(fleet);
      fleet.worker();
      const run = await submit(fleet, {
        marker: 'm',
        every: '1s',
        timeout: '2s',
        onTimeout: 'skip',
      });
      expect((await fleet.ended(run)).phase).toBe('skipped');
      const options = { by: 'me', now: new Date(clock.now()) };
      await expect(fleet.registry.reopen(run, { ...options, of: 'failed' })).rejects.toMatchObject({
        code: 'RUN_STATE',
      });
      const reopened = await fleet.registry.reopen(run, { ...options, of: 'failed-or-cancelled' });
      expect(reopened).toMatchObject({ phase: 'waiting', since: options.now.toISOString() });
      await put(fleet, 'm');
      expect((await fleet.ended(run)).phase).toBe('finished');
    }));

  it('is looked at again where the store is away, and fails where it may not look', () =>
    withFleet(async (fleet) => {
      let looks = 0;
      scheduler(fleet, {
        lookAtInput: async () => {
          if (++looks < 3) throw new ShardmillError('STORE_UNREACHABLE', 'no answer');
          throw new ShardmillError('LOCATION_FORBIDDEN', 'not this one');
        },
      });
      const run = await submit(fleet, { files: 1, every: '1s' });
      expect((await fleet.ended(run)).error?.code).toBe('LOCATION_FORBIDDEN');
      expect(looks).toBe(3);
    }));
});

describe('files that do not change for a time', () => {
  it('are waited for, and a scheduler that comes later goes on with what the log has', () =>
    withFleet(async (fleet) => {
      await put(fleet, 'a.parquet', 'x');
      const first = scheduler(fleet);
      const run = await submit(fleet, { unchangedFor: '60s', every: '1s', timeout: '1h' });
      const noted = await fleet.until(run, ({ unchanged }) => unchanged !== null);
      await first.close();
      scheduler(fleet);
      fleet.worker();
      const ended = await fleet.ended(run);
      expect(kindsOf(ended).slice(0, 2)).toEqual(['input-unchanged', 'waited']);
      const waited = Date.parse(ended.events[1]?.at ?? '');
      const unchangedMs = waited - Date.parse(noted.unchanged?.since ?? '');
      expect(unchangedMs).toBeGreaterThanOrEqual(60_000);
      // Anew it would have been a minute after the restart, which was after half of the time.
      expect(unchangedMs).toBeLessThan(90_000);
    }));

  it('are watched anew after each change', () =>
    withFleet(async (fleet) => {
      await put(fleet, 'a.parquet', 'x');
      scheduler(fleet);
      fleet.worker();
      const run = await submit(fleet, { unchangedFor: '40s', every: '1s', timeout: '1h' });
      await fleet.until(run, ({ unchanged }) => unchanged !== null);
      await put(fleet, 'b.parquet', 'y');
      const changed = clock.now();
      const ended = await fleet.ended(run);
      const waited = Date.parse(ended.events.find(({ kind }) => kind === 'waited')?.at ?? '');
      expect(waited - changed).toBeGreaterThanOrEqual(39_000);
    }));
});

describe('of two schedulers', () => {
  it('one looks, and the other takes over when it is gone', () =>
    withFleet(async (fleet) => {
      const looks = [0, 0];
      const services = [0, 1].map((index) =>
        scheduler(fleet, {
          lookAtInput: ({ job, jobFile }, signal) => {
            looks[index] = (looks[index] ?? 0) + 1;
            return lookAtInput({ job, jobFile, stores: fleet.stores, signal });
          },
        }),
      );
      await eventually(() => fleet.redis.processes.size === 2 || undefined);
      const run = await submit(fleet, { marker: 'm', every: '10s', timeout: '1h' });
      await eventually(() => Math.max(...looks) >= 8 || undefined);
      const leader = (looks[0] ?? 0) > (looks[1] ?? 0) ? 0 : 1;
      expect(looks[1 - leader]).toBeLessThan((looks[leader] ?? 0) / 2);
      await services[leader]?.close();
      fleet.worker();
      await put(fleet, 'm');
      expect((await fleet.ended(run)).phase).toBe('finished');
      expect(
        kindsOf(await fleet.registry.resolve(run)).filter((kind) => kind === 'waited'),
      ).toEqual(['waited']);
    }));
});
