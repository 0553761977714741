import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FleetRedis } from '../fleet-redis.js';
import { shardId } from './shard-message.js';
import type { ShardQueue } from './shard-queue.js';
import { ManualWork, shardMessage, shardMessages, TestFleet } from '../testing/fleet.js';

let fleet: TestFleet;
let member: FleetRedis;
let queue: ShardQueue;

beforeEach(async () => {
  fleet = await TestFleet.start();
  member = await fleet.join();
  queue = member.shardQueue('cpu');
});

afterEach(() => fleet.close());

const id = (shard: number): string => shardId(shardMessage(shard));

/** Takes and settles all that waits. @returns the shards in the order in which they came. */
async function drain(): Promise<number[]> {
  const shards: number[] = [];
  const { waiting } = await queue.counts();
  const consumer = member.shardConsumer('cpu', { concurrency: 1 });
  await new Promise<void>((done) => {
    consumer.start(async ({ message }) => {
      if (shards.push(message.shard) === waiting) done();
      return { kind: 'settled' };
    });
  });
  await consumer.close();
  return shards;
}

describe('the queue of a pool', () => {
  it('adds a shard once, however often it is added', async () => {
    await queue.add(shardMessages(3), 50);
    await queue.add(shardMessages(4), 50);
    expect(await queue.counts()).toEqual({ waiting: 4, active: 0, delayed: 0 });
    expect(await drain()).toEqual([0, 1, 2, 3]);
  });

  it('adds more than fit in one message, in their order', async () => {
    await queue.add(shardMessages(1_203), 50);
    expect(await queue.counts()).toMatchObject({ waiting: 1_203 });
    expect(await drain()).toEqual(Array.from({ length: 1_203 }, (_, i) => i));
  });

  it('gives the greater priority first, and of the same what was added first', async () => {
    for (const [shard, priority] of [50, 0, 100, 50, 0, 100].entries()) {
      await queue.add([shardMessage(shard)], priority);
    }
    expect(await drain()).toEqual([2, 5, 0, 3, 1, 4]);
  });

  it.each([-1, 101, 1.5])('refuses the priority %d', async (priority) => {
    await expect(queue.add([shardMessage(0)], priority)).rejects.toThrow(/from 0 to 100/);
  });

  it('keeps pools apart', async () => {
    await queue.add(shardMessages(2), 50);
    expect(await member.shardQueue('gpu').counts()).toMatchObject({ waiting: 0 });
  });

  it('reports the state of each shard', async () => {
    await queue.add(shardMessages(3), 50);
    const work = ManualWork.on(member.shardConsumer('cpu', { concurrency: 2 }));
    await work.taken(2);
    work.answer(await work.taken(1), { kind: 'again', delayMs: 60_000, failed: [] });
    await work.taken(3);
    work.answer(await work.taken(2), { kind: 'settled' });
    await expect
      .poll(() => queue.states([0, 1, 2, 3].map(id)))
      .toEqual(['delayed', 'absent', 'active', 'absent']);
    expect(await queue.counts()).toEqual({ waiting: 0, active: 1, delayed: 1 });
  });

  it('takes out waiting, delayed and active shards, and has workers abandon the last', async () => {
    await queue.add(shardMessages(4), 50);
    const work = ManualWork.on(member.shardConsumer('cpu', { concurrency: 2, lockMs: 1_000 }));
    const [first, second] = [await work.taken(1), await work.taken(2)];
    work.answer(first, { kind: 'again', delayMs: 60_000, failed: [] });
    const third = await work.taken(3);
    await queue.remove([0, 1, 3].map(id));
    expect(await queue.states([0, 1, 2, 3].map(id))).toEqual([
      'absent',
      'absent',
      'active',
      'absent',
    ]);
    await expect.poll(() => second.signal.aborted, { timeout: 5_000 }).toBe(true);
    expect(third.signal.aborted).toBe(false);
    work.answer(second, { kind: 'settled' });
    work.answer(third, { kind: 'settled' });
    await expect.poll(() => queue.states([2].map(id))).toEqual(['absent']);
    expect(await queue.counts()).toEqual({ waiting: 0, active: 0, delayed: 0 });
  });

  it('takes a shard again after it was taken out', async () => {
    await queue.add(shardMessages(1), 50);
    await queue.remove([id(0)]);
    await queue.add(shardMessages(1), 50);
    expect(await drain()).toEqual([0]);
  });

  it('drops what is left of a shard that is in no list, which would be there for ever', async () => {
    await queue.add(shardMessages(1), 50);
    await fleet.server.command('DEL', '{shardmill}:cpu:prioritized');
    expect(await queue.states([id(0)])).toEqual(['absent']);
    await queue.add(shardMessages(1), 50);
    expect(await queue.states([id(0)])).toEqual(['waiting']);
  });

  it('needs less than 1.2 KB of memory for a shard', async () => {
    const used = async (): Promise<number> =>
      Number(/used_memory:(\d+)/.exec(await fleet.server.command('INFO', 'memory'))?.[1]);
    await queue.add(shardMessages(1), 50);
    const before = await used();
    await queue.add(shardMessages(5_001), 50);
    expect(((await used()) - before) / 5_000).toBeLessThan(1_200);
  });
});
