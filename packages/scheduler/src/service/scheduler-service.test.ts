import path from 'node:path';
import { manifestKey, partKey, planKey, ShardmillError, shardRecordKey } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import type { WorkerInfo } from '@shardmill/queue';
import { loadPlan } from '@shardmill/core/plans';
import { readSuccess } from '../output/read-location.js';
import { publishPlan } from '../plan/publish-plan.js';
import { jobOf } from '../testing/job.js';
import { keysOf } from '../testing/run.js';
import { eventually, type Fleet, withFleet } from '../testing/service.js';
import { syntheticPlan } from '../testing/synthetic-plan.js';

/** Waits until nobody looks after any run. */
const markersGone = (fleet: Fleet): Promise<true> =>
  eventually(async () =>
    (await keysOf(fleet.registry.store, 'active/')).length === 0 ? true : undefined,
  );

const jobWith = (fleet: Fleet, output: object = {}, rest: object = {}) =>
  jobOf({ output: { uri: fleet.output, columns: { score: 'score' }, ...output }, ...rest });

describe('a scheduler', () => {
  it('brings a run from its request to its manifest', () =>
    withFleet(async (fleet) => {
      const run = await fleet.submit();
      fleet.scheduler();
      fleet.worker();
      expect(await fleet.ended(run)).toMatchObject({
        phase: 'finished',
        planRun: run,
        events: [
          { kind: 'planning' },
          { kind: 'planned' },
          { kind: 'finalizing' },
          { kind: 'finished', rows: { read: 1000, scored: 990, rejected: 0, filtered: 10 } },
        ],
      });
      expect(await readSuccess(fleet.store)).toBe(run);
      expect(await fleet.store.head(manifestKey(run))).toBeDefined();
      await markersGone(fleet);
      expect(fleet.redis.queue().entries.size).toBe(0);
    }));

  it('ends a run whose output is not allowed, before anything is there', () =>
    withFleet(async (fleet) => {
      const run = await fleet.submit();
      const service = fleet.scheduler({ rules: { allow: { outputs: ['/nowhere'] } } });
      expect(await fleet.ended(run)).toMatchObject({
        phase: 'failed',
        error: { code: 'LOCATION_FORBIDDEN', where: fleet.output },
        events: [{ kind: 'failed' }],
      });
      expect(await service.metrics.metrics()).toContain('shardmill_locations_refused_total 1');
      expect(await keysOf(fleet.store)).toEqual([]);
    }));

  it('ends a run whose shards every worker of its pool refuses, and can go on with it', () =>
    withFleet(async (fleet) => {
      const service = fleet.scheduler();
      const run = await fleet.submit();
      const refusals = (shards: number): WorkerInfo['refusals'] => [
        { round: `${run}.0`, shards, code: 'LOCATION_FORBIDDEN', reason: 'not below /results' },
      ];
      for (const id of ['a', 'b']) fleet.redis.addWorker(2, { id });
      fleet.redis.addWorker(2, { id: 'c', pool: 'gpu' });
      await eventually(() => (fleet.redis.queue().entries.size === 5 ? true : undefined));
      const seenAt = (): number => fleet.redis.processes.get('s0')?.seenAt ?? 0;
      const untilLooked = async (): Promise<void> => {
        const since = seenAt();
        await eventually(() => (seenAt() > since + 300 ? true : undefined));
      };
      await untilLooked();
      // One that has not refused any may take them.
      fleet.redis.addWorker(2, { id: 'a', refusals: refusals(9) });
      await untilLooked();
      expect((await fleet.registry.find(run))?.phase).toBe('running');
      fleet.redis.addWorker(2, { id: 'b', refusals: refusals(1) });
      expect(await fleet.ended(run)).toMatchObject({
        phase: 'failed',
        error: {
          code: 'LOCATION_FORBIDDEN',
          message: expect.stringContaining('each of the 2 workers of pool "cpu" refuses'),
        },
      });
      expect(await service.metrics.metrics()).toContain('shardmill_locations_refused_total 1');
      expect(fleet.redis.queue().entries.size).toBe(0);
      await fleet.registry.reopen(run, { by: 'me', now: new Date(), of: 'failed' });
      fleet.worker();
      expect((await fleet.until(run, ({ phase }) => phase === 'finished')).round).toBe(1);
    }));

  it('keeps no more shards in the queue than the window, and fills it as shards are done', () =>
    withFleet(async (fleet) => {
      fleet.redis.addWorker(10);
      fleet.scheduler({ settings: { intervalMs: 50, viewMs: 20 } });
      const run = await fleet.submit({}, { shards: 300, partsPerShard: 1 });
      const queue = fleet.redis.queue();
      await eventually(() => (queue.entries.size === 20 ? true : undefined));
      fleet.worker();
      expect((await fleet.ended(run)).phase).toBe('finished');
      expect(queue.most).toBe(20);
      expect(queue.added).toBeGreaterThanOrEqual(300);
    }));

  it('is not stopped by events that get lost', () =>
    withFleet(async (fleet) => {
      fleet.redis.deaf = true;
      fleet.scheduler();
      fleet.worker();
      const run = await fleet.submit({}, { shards: 40, partsPerShard: 1 });
      expect((await fleet.ended(run)).phase).toBe('finished');
    }));

  it('does not believe an event about a shard that has no record', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      const run = await fleet.submit();
      const queue = fleet.redis.queue();
      await eventually(() => (queue.entries.size === 5 ? true : undefined));
      const rows = { read: 200, scored: 200, rejected: 0, filtered: 0 };
      for (const shard of queue.shards()) {
        fleet.redis.eventsSide.publish({ kind: 'shard-done', run, shard, rows });
      }
      queue.entries.clear();
      fleet.worker();
      expect(await fleet.ended(run)).toMatchObject({
        phase: 'finished',
        events: [
          { kind: 'planning' },
          { kind: 'planned' },
          { kind: 'finalizing' },
          { kind: 'finished', rows: { scored: 990 } },
        ],
      });
    }));

  it('fills the queue again after Redis was emptied', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      const run = await fleet.submit({}, { shards: 30, partsPerShard: 1 });
      const queue = fleet.redis.queue();
      for (let i = 0; i < 3; i++) {
        await eventually(() => (queue.entries.size > 0 ? true : undefined));
        fleet.redis.flush();
      }
      fleet.worker();
      expect((await fleet.ended(run)).phase).toBe('finished');
    }));

  it('finishes without Redis what workers have done, and tells once that it is away', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      const run = await fleet.submit();
      const queue = fleet.redis.queue();
      await eventually(() => (queue.entries.size === 5 ? true : undefined));
      const taken = [1, 2, 3, 4, 5].map(() => queue.take());
      fleet.redis.away = true;
      for (const message of taken) if (message) await fleet.score(message);
      expect((await fleet.ended(run)).phase).toBe('finished');
      const told = fleet.logged.filter(({ message }) => message.includes('Redis'));
      expect(told.map(({ message }) => message)).toEqual(['Redis is away; going on without']);
      fleet.redis.away = false;
      await eventually(() =>
        fleet.logged.some(({ message }) => message === 'Redis answers again') ? true : undefined,
      );
    }));

  it('gives up a shard that the queue has given up, unless it is done', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      const run = await fleet.submit();
      const queue = fleet.redis.queue();
      await eventually(() => (queue.entries.size === 5 ? true : undefined));
      const [lost, done] = [queue.take(), queue.take()];
      if (lost === undefined || done === undefined) throw new Error('no shard');
      fleet.redis.deaf = true;
      await fleet.score(done);
      fleet.redis.deaf = false;
      queue.set(lost, 'stalled');
      queue.set(done, 'stalled');
      fleet.worker();
      expect(await fleet.ended(run)).toMatchObject({
        phase: 'failed',
        error: { code: 'WORKER_LOST', message: expect.stringContaining('1 of 5 shards failed') },
        events: [{ kind: 'planning' }, { kind: 'planned' }, { kind: 'failed', shardsFailed: 1 }],
      });
      expect(queue.entries.size).toBe(0);
    }));

  it('lets go at close, without harm to a run', () =>
    withFleet(async (fleet) => {
      const first = fleet.scheduler();
      const run = await fleet.submit({}, { shards: 20, partsPerShard: 1 });
      await fleet.until(run, ({ phase }) => phase === 'running');
      await first.close();
      expect(fleet.redis.processes.has('s0')).toBe(false);
      fleet.scheduler();
      fleet.worker();
      expect((await fleet.ended(run)).phase).toBe('finished');
    }));
});

describe('several schedulers', () => {
  it('make one run of one submission, and all come to the same end', () =>
    withFleet(async (fleet) => {
      for (let i = 0; i < 3; i++) fleet.scheduler();
      fleet.worker();
      const runs = [await fleet.submit()];
      const other = path.join(fleet.folder, 'other');
      runs.push(await fleet.submit({ job: jobWith(fleet, { uri: other }) }));
      for (const run of runs) expect((await fleet.ended(run)).phase).toBe('finished');
      await markersGone(fleet);
      expect(await keysOf(fleet.store, 'part-')).toHaveLength(10);
      const plans = (await keysOf(fleet.store)).filter((key) => key.endsWith('/plan.json'));
      expect(plans).toEqual([planKey(runs[0] ?? '')]);
    }));

  it('adopt one plan where each saw another input', () =>
    withFleet(async (fleet) => {
      let inputs = 0;
      for (let i = 0; i < 2; i++) {
        fleet.scheduler({
          settings: { intervalMs: 10, viewMs: 20 },
          makePlan: async (request) => {
            const { runId, output } = { runId: request.run, output: request.job.output.uri };
            return syntheticPlan({ runId, output, shards: 3, input: `/data/${inputs++}` });
          },
        });
      }
      fleet.worker();
      const run = await fleet.submit();
      expect((await fleet.ended(run)).phase).toBe('finished');
      expect(await keysOf(fleet.store, 'part-')).toHaveLength(6);
    }));

  it('do not wait for one that is gone', () =>
    withFleet(async (fleet) => {
      // It is there as far as Redis knows, and never does anything.
      for (let i = 0; i < 8; i++) {
        const base = { host: 'h', pid: 1, version: '1', startedAt: '', seenAt: 0, runs: 0 };
        fleet.redis.processes.set(`dead${i}`, { kind: 'scheduler', id: `dead${i}`, ...base });
      }
      fleet.scheduler();
      fleet.worker();
      const run = await fleet.submit();
      expect((await fleet.ended(run)).phase).toBe('finished');
    }));
});

describe('planning', () => {
  it('ends the run where the job is at fault', () =>
    withFleet(async (fleet) => {
      fleet.scheduler({
        makePlan: async () => {
          throw new ShardmillError('COLUMN_NOT_FOUND', 'there is no "x"');
        },
      });
      const run = await fleet.submit();
      expect(await fleet.ended(run)).toMatchObject({
        phase: 'failed',
        planRun: null,
        error: { code: 'COLUMN_NOT_FOUND' },
      });
      await markersGone(fleet);
    }));

  it('is tried again where the store does not answer', () =>
    withFleet(async (fleet) => {
      let calls = 0;
      fleet.scheduler({
        makePlan: async (request) => {
          if (++calls < 3) throw new ShardmillError('STORE_UNREACHABLE', 'no answer');
          return fleet.plan(request);
        },
      });
      fleet.worker();
      const run = await fleet.submit();
      await eventually(() => {
        const notice = fleet.redis.views.get(run)?.notice ?? '';
        return notice.includes('STORE_UNREACHABLE') ? notice : undefined;
      });
      expect((await fleet.ended(run)).phase).toBe('finished');
    }));

  it('goes on with the plan of a scheduler that died before it could tell', () =>
    withFleet(async (fleet) => {
      const run = await fleet.submit();
      const made = syntheticPlan({ runId: run, output: fleet.output, shards: 2 });
      const seen = await fleet.registry.resolve(run);
      const planDigest = made.plan.digest;
      const intent = { kind: 'planning', at: 't', planRun: run, planDigest } as const;
      expect(await fleet.registry.append(seen, intent)).toBe(true);
      await publishPlan(fleet.store, made);
      fleet.scheduler({
        makePlan: async () => {
          throw new ShardmillError('INPUT_NOT_FOUND', 'gone by now');
        },
      });
      fleet.worker();
      expect((await fleet.ended(run)).phase).toBe('finished');
      expect(await keysOf(fleet.store, 'part-')).toHaveLength(4);
    }));

  it('follows no plan in the output location that the log does not know', () =>
    withFleet(async (fleet) => {
      const run = await fleet.submit({ job: jobWith(fleet, { mode: 'overwrite' }) });
      const at = { runId: run, output: fleet.output, shards: 2 };
      await publishPlan(fleet.store, syntheticPlan({ ...at, input: '/etc' }));
      fleet.scheduler();
      fleet.worker();
      const ended = await fleet.ended(run);
      expect(ended.phase).toBe('finished');
      expect(ended.planRun).toBe(`${run}-${ended.planDigest?.slice(0, 8)}`);
      expect((await loadPlan(fleet.store, ended.planRun ?? '')).inputUris).not.toContain('/etc');
    }));

  it('follows no plan that was changed after it was stored', () =>
    withFleet(async (fleet) => {
      const first = fleet.scheduler();
      const run = await fleet.submit();
      await fleet.until(run, ({ phase }) => phase === 'running');
      await first.close();
      const plan = await loadPlan(fleet.store, run);
      const forged = { ...plan, inputUris: ['/etc'] };
      await fleet.store.replace(planKey(run), Buffer.from(JSON.stringify(forged)));
      fleet.scheduler();
      const { error } = await fleet.ended(run);
      expect(error).toMatchObject({ code: 'PLAN_MISMATCH' });
      expect(error?.message).toContain('calls itself');
    }));

  it('notes the digest of a plan that an earlier version stored', () =>
    withFleet(async (fleet) => {
      const run = await fleet.submit();
      const made = syntheticPlan({ runId: run, output: fleet.output, shards: 2 });
      await publishPlan(fleet.store, made);
      const seen = await fleet.registry.resolve(run);
      await fleet.registry.append(seen, { kind: 'planned', at: 't', planRun: run });
      fleet.scheduler();
      fleet.worker();
      const { phase, planDigest } = await fleet.ended(run);
      expect([phase, planDigest]).toEqual(['finished', made.plan.digest]);
    }));

  it('plans a run afresh that is resumed after another took its place', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      const job = jobWith(fleet, { mode: 'overwrite' });
      const first = await fleet.submit({ job });
      await fleet.until(first, ({ phase }) => phase === 'running');
      await fleet.registry.cancel(first, 'me', new Date());
      await fleet.ended(first);
      fleet.worker();
      const second = await fleet.submit({ job }, { input: '/data/new' });
      expect((await fleet.ended(second)).phase).toBe('finished');
      await eventually(async () =>
        (await fleet.store.head(planKey(first))) === undefined ? true : undefined,
      );
      const options = { by: 'me', now: new Date(), of: 'failed-or-cancelled' } as const;
      await fleet.registry.reopen(first, options);
      const { phase, planRun, events } = await fleet.ended(first);
      expect([phase, planRun]).toEqual(['finished', `${first}-1`]);
      expect(events.map(({ kind }) => kind)).toContain('unplanned');
    }));

  it('gets around the pages of a scheduler that died before it stored its plan', () =>
    withFleet(async (fleet) => {
      const run = await fleet.submit();
      const dead = syntheticPlan({ runId: run, output: fleet.output, shards: 2, input: '/other' });
      await publishPlan(fleet.store, dead);
      await fleet.store.delete(planKey(run));
      fleet.scheduler();
      fleet.worker();
      const ended = await fleet.ended(run);
      expect(ended.phase).toBe('finished');
      expect(ended.planRun).toMatch(new RegExp(`^${run}-[0-9a-f]{8}$`));
    }));

  it('of one run holds up no other', () =>
    withFleet(async (fleet) => {
      fleet.scheduler({
        settings: { intervalMs: 50, viewMs: 20, plansAtOnce: 1 },
        makePlan: async (request) =>
          request.run === 'slow' ? new Promise(() => {}) : fleet.plan(request),
      });
      fleet.worker();
      const quick = await fleet.submit({ run: 'quick' });
      await fleet.until(quick, ({ phase }) => phase === 'running');
      const job = jobWith(fleet, { uri: `${fleet.folder}/slow` });
      await fleet.submit({ run: 'slow', job });
      expect((await fleet.ended(quick)).phase).toBe('finished');
      await fleet.registry.cancel('slow', 'me', new Date());
      expect((await fleet.ended('slow')).phase).toBe('cancelled');
      expect(await keysOf(fleet.stores.open(`${fleet.folder}/slow`))).toEqual([]);
    }));

  it('is stopped where its run is cancelled, and its slot is free for others', () =>
    withFleet(async (fleet) => {
      const stopped: unknown[] = [];
      fleet.scheduler({
        settings: { intervalMs: 50, viewMs: 20, plansAtOnce: 1 },
        makePlan: async (request, signal) => {
          if (request.run !== 'slow') return fleet.plan(request);
          signal.addEventListener('abort', () => stopped.push(signal.reason));
          return new Promise(() => {});
        },
      });
      fleet.worker();
      const job = jobWith(fleet, { uri: `${fleet.folder}/slow` });
      await fleet.submit({ run: 'slow', job });
      await eventually(() =>
        fleet.redis.viewsSide.get('slow').then((seen) => seen?.state === 'planning' || undefined),
      );
      const quick = await fleet.submit({ run: 'quick' });
      await fleet.registry.cancel('slow', 'me', new Date());
      expect((await fleet.ended('slow')).phase).toBe('cancelled');
      expect(stopped).toMatchObject([{ code: 'INTERRUPTED' }]);
      expect((await fleet.ended(quick)).phase).toBe('finished');
    }));
});

describe('a run with shards that fail', () => {
  it('ends after the others are done, with the reason, and is finished by another round', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      let mended = false;
      fleet.worker(async (message) =>
        message.shard === 3 && !mended ? fleet.fail(message) : fleet.score(message),
      );
      const run = await fleet.submit();
      expect(await fleet.ended(run)).toMatchObject({
        phase: 'failed',
        error: {
          code: 'INPUT_DAMAGED',
          message: 'shard 3 is bad (1 of 5 shards failed, the others are done and kept)',
        },
      });
      const records = await keysOf(fleet.store, `_shardmill/${run}/shards/`);
      expect(records).toHaveLength(4);
      mended = true;
      const before = fleet.redis.queue().added;
      await fleet.registry.reopen(run, { by: 'me', now: new Date(), of: 'failed' });
      expect(await fleet.ended(run)).toMatchObject({ phase: 'finished', round: 1 });
      expect(fleet.redis.queue().added - before).toBe(1);
    }));

  it.each([
    { why: 'that is asked for', failFast: true, code: 'INPUT_DAMAGED' as const },
    {
      why: 'every other shard would fail, too',
      failFast: false,
      code: 'PROVIDER_MISSING' as const,
    },
  ])('ends at once where $why, and its shards leave the queue', ({ failFast, code }) =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      const run = await fleet.submit({ failFast }, { shards: 40 });
      const queue = fleet.redis.queue();
      await eventually(() => (queue.entries.size === 16 ? true : undefined));
      const message = queue.take();
      if (message === undefined) throw new Error('no shard');
      await fleet.fail(message, code);
      queue.settle(message);
      expect(await fleet.ended(run)).toMatchObject({
        error: {
          code,
          message: expect.stringContaining('1 of 40 shards failed, the others are given up'),
        },
      });
      await markersGone(fleet);
      expect(queue.entries.size).toBe(0);
    }),
  );

  it('is over its budget, and finishes with another one without scoring again', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      fleet.worker((message) => fleet.score(message, true));
      const run = await fleet.submit();
      expect(await fleet.ended(run)).toMatchObject({ error: { code: 'REJECTED_OVER_BUDGET' } });
      const { added } = fleet.redis.queue();
      const options = { by: 'me', now: new Date(), maxRejectedRows: '20%', of: 'failed' } as const;
      await fleet.registry.reopen(run, options);
      expect((await fleet.ended(run)).phase).toBe('finished');
      expect(fleet.redis.queue().added).toBe(added);
    }));

  it('leaves no failure to a run that adopts its plan', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      let mended = false;
      fleet.worker(async (message) =>
        message.shard === 3 && !mended ? fleet.fail(message) : fleet.score(message),
      );
      const first = await fleet.submit();
      expect((await fleet.ended(first)).phase).toBe('failed');
      mended = true;
      const second = await fleet.submit();
      expect(await fleet.ended(second)).toMatchObject({ phase: 'finished', planRun: first });
    }));

  it('works a shard once more whose record is gone', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      const run = await fleet.submit();
      const queue = fleet.redis.queue();
      await eventually(() => (queue.entries.size === 5 ? true : undefined));
      for (let i = 0; i < 4; i++) {
        const message = queue.take();
        if (message === undefined) throw new Error('no shard');
        await fleet.score(message);
        queue.settle(message);
      }
      await fleet.store.delete(shardRecordKey(run, 1));
      fleet.worker();
      expect((await fleet.ended(run)).phase).toBe('finished');
    }));
});

describe('cancelling', () => {
  it('takes shards out of the queue, those in hand too, and resuming finishes the run', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      const run = await fleet.submit({}, { shards: 40 });
      const queue = fleet.redis.queue();
      await eventually(() => (queue.entries.size === 16 ? true : undefined));
      queue.take();
      await fleet.registry.cancel(run, 'me', new Date());
      expect((await fleet.ended(run)).phase).toBe('cancelled');
      await markersGone(fleet);
      expect(queue.entries.size).toBe(0);
      fleet.worker();
      const options = { by: 'me', now: new Date(), of: 'failed-or-cancelled' } as const;
      await fleet.registry.reopen(run, options);
      expect((await fleet.ended(run)).phase).toBe('finished');
    }));

  it('is done by a scheduler that knew nothing of the run', () =>
    withFleet(async (fleet) => {
      const first = fleet.scheduler();
      const run = await fleet.submit({}, { shards: 40 });
      const queue = fleet.redis.queue();
      await eventually(() => (queue.entries.size === 16 ? true : undefined));
      await first.close();
      await fleet.registry.cancel(run, 'me', new Date());
      fleet.scheduler();
      expect((await fleet.ended(run)).phase).toBe('cancelled');
      await markersGone(fleet);
      expect(queue.entries.size).toBe(0);
    }));

  it('is not held up by Redis, whose queue is swept when it is back', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      const run = await fleet.submit();
      const queue = fleet.redis.queue();
      await eventually(() => (queue.entries.size === 5 ? true : undefined));
      fleet.redis.away = true;
      await fleet.registry.cancel(run, 'me', new Date());
      expect((await fleet.ended(run)).phase).toBe('cancelled');
      expect(await keysOf(fleet.registry.store, 'active/')).not.toEqual([]);
      fleet.redis.away = false;
      await markersGone(fleet);
      expect(queue.entries.size).toBe(0);
    }));

  it('comes too late for a run whose log says that it is finalized', () =>
    withFleet(async (fleet) => {
      const first = fleet.scheduler();
      fleet.worker();
      const run = await fleet.submit();
      await fleet.ended(run);
      await first.close();
      // As if the scheduler had died before it could say that it is done.
      await fleet.registry.store.delete(`runs/${run}/000004.json`);
      await fleet.registry.store.create(`active/${run}.0`, Buffer.from('{}'));
      await expect(fleet.registry.cancel(run, 'me', new Date())).rejects.toMatchObject({
        code: 'RUN_STATE',
        message: expect.stringContaining('is finalizing: all of its shards are done'),
      });
      fleet.scheduler();
      expect((await fleet.ended(run)).phase).toBe('finished');
    }));
});

describe('runs of one location', () => {
  it('work one after another, and a view says who waits for whom', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      const job = jobWith(fleet, { mode: 'overwrite' });
      const first = await fleet.submit({ job });
      await fleet.until(first, ({ phase }) => phase === 'running');
      const second = await fleet.submit({ job }, { input: '/data/new' });
      await eventually(() =>
        fleet.redis.views.get(second)?.notice?.includes(`waits for run ${first}`) === true
          ? true
          : undefined,
      );
      expect((await fleet.registry.resolve(second)).phase).toBe('submitted');
      fleet.worker();
      expect((await fleet.ended(first)).phase).toBe('finished');
      expect((await fleet.ended(second)).phase).toBe('finished');
      expect(await readSuccess(fleet.store)).toBe(second);
      expect(await fleet.store.head(partKey(first, 0, 0))).toBeUndefined();
      await markersGone(fleet);
    }));

  it('have _SUCCESS put back where a late process took it away', () =>
    withFleet(async (fleet) => {
      fleet.scheduler({ settings: { intervalMs: 30, relistMs: 50, viewMs: 20, settleMs: 5000 } });
      fleet.worker();
      const run = await fleet.submit({ job: jobWith(fleet, { mode: 'overwrite' }) });
      expect((await fleet.ended(run)).phase).toBe('finished');
      await fleet.store.delete('_SUCCESS');
      await eventually(async () => ((await readSuccess(fleet.store)) === run ? true : undefined));
    }));
});

describe('what a scheduler shows', () => {
  it('counts rows of shards in hand, once, and rows of shards that are done', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      const run = await fleet.submit();
      const queue = fleet.redis.queue();
      await eventually(() => (queue.entries.size === 5 ? true : undefined));
      const [a, b] = [queue.take(), queue.take()];
      if (a === undefined || b === undefined) throw new Error('no shard');
      await fleet.score(a);
      queue.settle(a);
      const task = { run, startedAt: '', rejected: 1, filtered: 2 };
      fleet.redis.addWorker(2, { tasks: [{ ...task, shard: b.shard, scored: 47 }] });
      fleet.redis.addWorker(2, {
        tasks: [
          { ...task, shard: b.shard, scored: 40 },
          { ...task, shard: a.shard, scored: 100 },
        ],
      });
      fleet.redis.eventsSide.publish({ kind: 'shard-retried', run, shard: 4, code: 'INTERNAL' });
      await eventually(() => {
        const view = fleet.redis.views.get(run);
        return view?.workers === 2 && view.shards.done === 1 && view.retries === 1
          ? true
          : undefined;
      });
      expect(fleet.redis.views.get(run)).toMatchObject({
        state: 'running',
        rowsPlanned: 1000,
        rowsDone: 250,
        rowsScored: 198 + 47,
        rowsRejected: 1,
        rowsFiltered: 4,
        shards: { planned: 5, done: 1, failed: 0, active: 1, waiting: 3, delayed: 0 },
        retries: 1,
        notice: null,
      });
    }));

  it('says that nobody works in the pool', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      const job = jobWith(fleet, {}, { resources: { pool: 'gpu' } });
      const run = await fleet.submit({ job });
      await eventually(() =>
        fleet.redis.views.get(run)?.notice === 'no worker of pool "gpu" takes shards'
          ? true
          : undefined,
      );
    }));

  it('counts the rows that were done before it came', () =>
    withFleet(async (fleet) => {
      const first = fleet.scheduler();
      const run = await fleet.submit();
      const queue = fleet.redis.queue();
      await eventually(() => (queue.entries.size === 5 ? true : undefined));
      const message = queue.take();
      if (message === undefined) throw new Error('no shard');
      await fleet.score(message);
      fleet.redis.eventsSide.publish({ kind: 'shard-retried', run, shard: 4, code: 'INTERNAL' });
      await eventually(() => {
        const view = fleet.redis.views.get(run);
        return view?.rowsDone === 200 && view.retries === 1 ? true : undefined;
      });
      await first.close();
      fleet.redis.history.length = 0;
      fleet.scheduler();
      await eventually(() => {
        const view = fleet.redis.views.get(run);
        return view?.rowsScored === 198 && view.retries === 1 ? true : undefined;
      });
      expect(fleet.redis.views.get(run)).toMatchObject({ rowsDone: 200, retries: 1 });
    }));

  it('ends with the end of the run', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      fleet.worker();
      const run = await fleet.submit();
      await fleet.ended(run);
      await markersGone(fleet);
      await eventually(() => (fleet.redis.views.get(run)?.state === 'finished' ? true : undefined));
      expect(fleet.redis.views.get(run)).toMatchObject({
        rowsDone: 1000,
        rowsScored: 990,
        shards: { planned: 5, done: 5, waiting: 0 },
        endedAt: expect.any(String),
      });
    }));

  it('has metrics: the backlog that an autoscaler needs, the queue, the runs', () =>
    withFleet(async (fleet) => {
      const service = fleet.scheduler();
      await fleet.submit({}, { shards: 40 });
      await eventually(async () => {
        const text = await service.metrics.metrics();
        return text.includes('shardmill_backlog_shards{pool="cpu"} 40') &&
          text.includes('shardmill_queue_shards{pool="cpu",state="waiting"} 16') &&
          text.includes('shardmill_runs{state="running"} 1')
          ? true
          : undefined;
      });
      fleet.worker();
      await eventually(async () =>
        (await service.metrics.metrics()).includes('shardmill_backlog_shards{pool="cpu"} 0')
          ? true
          : undefined,
      );
    }));

  it('is ready when it has read the log of runs, and says what is in its way', () =>
    withFleet(async (fleet) => {
      const service = fleet.scheduler();
      await eventually(() => (service.ready().ready ? true : undefined));
      fleet.redis.away = true;
      await eventually(() => (service.ready().problems.length > 0 ? true : undefined));
      expect(service.ready()).toEqual({ ready: true, problems: ['Redis is away'] });
    }));
});
