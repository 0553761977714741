import {
  type RedisCluster,
  type RedisSentinel,
  startRedisCluster,
  startRedisSentinel,
  waitFor,
} from '@shardmill/test-kit';
import { afterEach, describe, expect, it } from 'vitest';
import { FleetRedis } from './fleet-redis.js';
import type { FleetEvent } from './events/fleet-events.js';
import { shardId } from './shards/shard-message.js';
import { ManualWork, shardMessage, shardMessages } from './testing/fleet.js';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  ManualWork.finishAll();
  for (const one of open.splice(0).toReversed()) await one.close();
});

function keep<T extends { close(): Promise<void> }>(made: T): T {
  open.push(made);
  return made;
}

const id = (shard: number): string => shardId(shardMessage(shard));

/** Works one shard for each outcome. */
async function workThrough(redis: FleetRedis): Promise<void> {
  const queue = redis.shardQueue('cpu');
  await queue.add(shardMessages(4), 50);
  const settings = { concurrency: 3, lockMs: 1_000, stalledCheckMs: 100 };
  const work = ManualWork.on(redis.shardConsumer('cpu', settings));
  const [a, b, c] = [await work.taken(1), await work.taken(2), await work.taken(3)];
  work.answer(a, { kind: 'settled' });
  work.answer(b, { kind: 'again', delayMs: 60_000, failed: [] });
  work.answer(c, { kind: 'handed-back' });
  await work.taken(5);
  await expect
    .poll(() => queue.states([0, 1, 2, 3].map(id)))
    .toEqual(['absent', 'delayed', 'active', 'active']);
  await queue.remove([0, 1, 2, 3].map(id));
  expect(await queue.counts()).toEqual({ waiting: 0, active: 0, delayed: 0 });
  ManualWork.finishAll();
  await work.consumer.close();
}

describe('a cluster', () => {
  it('holds everything in the slot of the prefix', async () => {
    const cluster: RedisCluster = keep(await startRedisCluster());
    const redis = keep(await FleetRedis.open({ cluster: cluster.nodes.slice(0, 2) }));
    await workThrough(redis);

    const received: FleetEvent[] = [];
    const events = redis.events();
    events.subscribe((event) => received.push(event));
    await waitFor('an event', () => {
      events.publish({ kind: 'run-changed', run: 'r1' });
      return received.length > 0;
    });
    await redis.shardQueue('cpu').add(shardMessages(1), 50);
    const report = await redis.check();
    expect(report).toMatchObject({ mode: 'cluster', version: expect.stringMatching(/^\d/) });
    const sizes = await Promise.all(cluster.masters.map((one) => one.command('DBSIZE')));
    expect(sizes.filter((size) => size !== '0')).toHaveLength(1);
  });

  it('that is away is REDIS_UNREACHABLE within seconds, and does not keep anything from closing', async () => {
    const redis = await FleetRedis.open({ cluster: ['127.0.0.1:1'] });
    const work = ManualWork.on(redis.shardConsumer('cpu', { concurrency: 1 }));
    await expect(redis.shardQueue('cpu').counts()).rejects.toMatchObject({
      code: 'REDIS_UNREACHABLE',
      where: '127.0.0.1:1',
    });
    await redis.close();
    expect(work.tasks).toEqual([]);
  });
});

describe('a master behind a sentinel', () => {
  it('is found, and its successor, too', async () => {
    const sentinel: RedisSentinel = keep(await startRedisSentinel());
    const { name, nodes } = sentinel;
    const redis = keep(await FleetRedis.open({ sentinel: { name, nodes } }));
    await workThrough(redis);
    const work = ManualWork.on(redis.shardConsumer('cpu', { concurrency: 1 }));
    await sentinel.master.stop('SIGKILL');
    await waitFor('the successor', () =>
      redis
        .shardQueue('cpu')
        .add([shardMessage(9)], 50)
        .then(
          () => true,
          () => false,
        ),
    );
    expect((await work.taken(1)).id).toBe(id(9));
    expect(await sentinel.replica.command('INFO', 'replication')).toContain('role:master');
    work.answer(await work.taken(1), { kind: 'settled' });
  });
});
