import { FleetRedis, type ShardConsumer, type ShardMessage } from '@shardmill/queue';
import { type RedisServer, startRedisServer } from '@shardmill/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSuccess } from '../output/read-location.js';
import { keysOf } from '../testing/run.js';
import { eventually, type Fleet, withFleet } from '../testing/service.js';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(() => server.close());

interface RealFleet {
  readonly fleet: Fleet;
  readonly redis: FleetRedis;
  readonly schedulers: (count: number) => void;
  /** A worker that has so many shards in hand at once. */
  readonly worker: (
    concurrency: number,
    work: (message: ShardMessage, signal: AbortSignal) => Promise<void>,
  ) => ShardConsumer;
}

async function withRedis(use: (real: RealFleet) => Promise<void>): Promise<void> {
  await server.flushAll();
  const redis = await FleetRedis.open({ url: server.url });
  const consumers: ShardConsumer[] = [];
  try {
    await withFleet(async (fleet) => {
      await use({
        fleet,
        redis,
        schedulers: (count) => {
          for (let i = 0; i < count; i++) {
            fleet.scheduler({
              queue: (pool) => redis.shardQueue(pool),
              events: redis.events(),
              presence: redis.presence(),
              views: redis.views(),
            });
          }
        },
        worker: (concurrency, work) => {
          const consumer = redis.shardConsumer('cpu', { concurrency });
          consumers.push(consumer);
          const events = redis.events();
          consumer.start(async ({ message, signal }) => {
            await work(message, signal);
            if (signal.aborted) return { kind: 'settled' };
            const { rows } = await fleet.makeRecord(message);
            const { run, shard } = message;
            events.publish({ kind: 'shard-done', run, shard, rows });
            return { kind: 'settled' };
          });
          return consumer;
        },
      });
    });
  } finally {
    await Promise.all(consumers.map((consumer) => consumer.close()));
    await redis.close();
  }
}

describe('schedulers on a real Redis', () => {
  it('bring runs to their end with workers, and Redis is empty of shards after that', () =>
    withRedis(async ({ fleet, redis, schedulers, worker }) => {
      schedulers(2);
      for (let i = 0; i < 2; i++) worker(4, async () => {});
      const run = await fleet.submit({}, { shards: 200, partsPerShard: 1 });
      expect(await fleet.ended(run)).toMatchObject({
        phase: 'finished',
        events: [
          { kind: 'planning' },
          { kind: 'planned' },
          { kind: 'finalizing' },
          { kind: 'finished', rows: { read: 20_000 } },
        ],
      });
      expect(await readSuccess(fleet.store)).toBe(run);
      await eventually(async () => {
        const { waiting, active, delayed } = await redis.shardQueue('cpu').counts();
        return waiting + active + delayed === 0 ? true : undefined;
      });
      await eventually(async () =>
        (await redis.views().get(run))?.state === 'finished' ? true : undefined,
      );
    }));

  it('go on after Redis was emptied and restarted', () =>
    withRedis(async ({ fleet, schedulers, worker }) => {
      schedulers(2);
      let worked = 0;
      worker(2, async () => {
        worked++;
        if (worked === 20) await server.flushAll();
        if (worked === 40) await server.restart();
      });
      const run = await fleet.submit({}, { shards: 80, partsPerShard: 1 });
      expect((await fleet.ended(run)).phase).toBe('finished');
      expect(await keysOf(fleet.store, 'part-')).toHaveLength(80);
    }));

  it('let workers go of the shards of a cancelled run', () =>
    withRedis(async ({ fleet, schedulers, worker }) => {
      schedulers(1);
      let inFlight = 0;
      worker(3, (_message, signal) => {
        inFlight++;
        return new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            inFlight--;
            resolve();
          });
        });
      });
      const run = await fleet.submit({}, { shards: 40 });
      await eventually(() => (inFlight === 3 ? true : undefined));
      await fleet.registry.cancel(run, 'me', new Date());
      expect((await fleet.ended(run)).phase).toBe('cancelled');
      await eventually(() => (inFlight === 0 ? true : undefined));
    }));
});
