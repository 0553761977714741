import { describe, expect, it } from 'vitest';
import { eventually, jobWith, markersGone, withFleet } from '../testing/service.js';

describe('what a scheduler shows', () => {
  it('counts rows of in-flight shards, once, and rows of shards that are done', () =>
    withFleet(async (fleet) => {
      fleet.scheduler();
      const run = await fleet.submit();
      const queue = fleet.redis.queue();
      await eventually(() => (queue.entries.size === 5 ? true : undefined));
      const [a, b] = [queue.take(), queue.take()];
      if (a === undefined || b === undefined) throw new Error('no shard');
      await fleet.score(a);
      queue.settle(a);
      const task = { run, startedAt: '', rejected: 1, filtered: 2, workerSeconds: 7 };
      fleet.redis.addWorker(2, { tasks: [{ ...task, shard: b.shard, scored: 47 }] });
      fleet.redis.addWorker(2, {
        tasks: [
          { ...task, shard: b.shard, scored: 40 },
          { ...task, shard: a.shard, scored: 100 },
        ],
      });
      fleet.redis.eventsSide.publish({
        kind: 'shard-retried',
        run,
        shard: 4,
        code: 'INTERNAL',
        unfinishedSeconds: 3,
      });
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
        // Ten seconds of the shard that is done, and what two workers report of another one.
        usage: { pool: 'cpu', workerSeconds: 10 + 7 + 7, unfinishedSeconds: 3 },
        notice: null,
      });
    }));

  it('says that no worker takes shards in the pool', () =>
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
      for (const rows of [32, 16]) {
        fleet.redis.eventsSide.publish({ kind: 'calls-shrunk', run, rows, unit: 'row', lanes: 2 });
      }
      await eventually(() => {
        const view = fleet.redis.views.get(run);
        return view?.memory?.times === 2 && view.rowsDone === 200 && view.retries === 1
          ? true
          : undefined;
      });
      await first.close();
      fleet.redis.history.length = 0;
      fleet.scheduler();
      await eventually(() => {
        const view = fleet.redis.views.get(run);
        return view?.rowsScored === 198 && view.retries === 1 ? true : undefined;
      });
      expect(fleet.redis.views.get(run)).toMatchObject({
        rowsDone: 200,
        retries: 1,
        memory: { times: 2, rows: 16, unit: 'row', lanes: 2 },
      });
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

  it('is ready when it has read the log of runs, and says what prevents it', () =>
    withFleet(async (fleet) => {
      const service = fleet.scheduler();
      await eventually(() => (service.ready().ready ? true : undefined));
      fleet.redis.away = true;
      await eventually(() => (service.ready().problems.length > 0 ? true : undefined));
      expect(service.ready()).toEqual({ ready: true, problems: ['Redis is away'] });
    }));
});
