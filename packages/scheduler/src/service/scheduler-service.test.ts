import path from 'node:path';
import { manifestKey, partKey, planKey } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import type { WorkerInfo } from '@shardmill/queue';
import { readSuccess } from '../output/read-location.js';
import { keysOf } from '../testing/run.js';
import { eventually, jobWith, markersGone, withFleet } from '../testing/service.js';
import { syntheticPlan } from '../testing/synthetic-plan.js';

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
      const run = await fleet.submit({}, { shards: 100, partsPerShard: 1 });
      const queue = fleet.redis.queue();
      await eventually(() => (queue.entries.size === 20 ? true : undefined));
      fleet.worker();
      expect((await fleet.ended(run)).phase).toBe('finished');
      expect(queue.maxEntries).toBe(20);
      expect(queue.added).toBeGreaterThanOrEqual(100);
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

  it('finishes without Redis what workers have done, and logs once that it is away', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      const run = await fleet.submit();
      const queue = fleet.redis.queue();
      await eventually(() => (queue.entries.size === 5 ? true : undefined));
      const taken = [1, 2, 3, 4, 5].map(() => queue.take());
      fleet.redis.away = true;
      for (const message of taken) if (message) await fleet.score(message);
      expect((await fleet.ended(run)).phase).toBe('finished');
      const logged = fleet.logged.filter(({ message }) => message.includes('Redis'));
      expect(logged.map(({ message }) => message)).toEqual(['Redis is away; going on without']);
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

  it('releases its runs at close, without harm to them', () =>
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
