import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FleetRedis } from '../fleet-redis.js';
import { shardId } from './shard-message.js';
import type { ShardQueue } from './shard-queue.js';
import { HandWork, shardMessage, shardMessages, TestFleet } from '../testing/fleet.js';

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

describe('a consumer', () => {
  it('takes a shard within a second that is added while it waits', async () => {
    const work = HandWork.on(member.shardConsumer('cpu', { concurrency: 1 }));
    await new Promise((done) => setTimeout(done, 100));
    const begun = performance.now();
    await queue.add(shardMessages(1), 50);
    await work.taken(1);
    expect(performance.now() - begun).toBeLessThan(1_000);
  });

  it('hands a shard back to the head of the queue, and no attempt is spent', async () => {
    await queue.add(shardMessages(3), 50);
    const leaving = HandWork.on(member.shardConsumer('cpu', { concurrency: 1 }));
    const task = await leaving.taken(1);
    leaving.consumer.stop();
    const staying = HandWork.on((await fleet.join()).shardConsumer('cpu', { concurrency: 2 }));
    await staying.taken(2);
    staying.answer(await staying.taken(1), { kind: 'settled' });
    staying.answer(await staying.taken(2), { kind: 'settled' });
    // It waits now, with nothing to do.
    await expect.poll(() => queue.counts()).toEqual({ waiting: 0, active: 1, delayed: 0 });
    const begun = performance.now();
    leaving.answer(task, { kind: 'handed-back' });
    const again = await staying.taken(3);
    expect(performance.now() - begun).toBeLessThan(1_000);
    expect(again).toMatchObject({ id: task.id, failed: [] });
  });

  it('takes a shard out that is refused, and keeps it apart with the reason', async () => {
    await queue.add(shardMessages(2), 50);
    const work = HandWork.on(member.shardConsumer('cpu', { concurrency: 1 }));
    work.answer(await work.taken(1), { kind: 'refused', reason: 'it was forged' });
    await work.taken(2);
    expect(await queue.states([id(0)])).toEqual(['absent']);
    const kept = await fleet.server.command('LRANGE', '{shardmill}/refused/cpu', '0', '-1');
    expect(kept).toContain('it was forged');
    expect(kept).toContain(id(0));
  });

  it('hands a shard back after a second where the work throws, and tells of it', async () => {
    await queue.add(shardMessages(1), 50);
    const work = HandWork.on(member.shardConsumer('cpu', { concurrency: 1 }));
    const begun = performance.now();
    work.answer(await work.taken(1), new Error('unforeseen'));
    expect(await work.taken(2)).toMatchObject({ id: id(0), failed: [] });
    expect(performance.now() - begun).toBeGreaterThan(900);
    expect(fleet.notices).toEqual([
      { kind: 'work-threw', pool: 'cpu', id: id(0), message: 'unforeseen' },
    ]);
  });

  it('takes nothing more when told to stop, and closes when the work in hand is done', async () => {
    await queue.add(shardMessages(2), 50);
    const work = HandWork.on(member.shardConsumer('cpu', { concurrency: 1, lockMs: 500 }));
    const task = await work.taken(1);
    work.consumer.stop();
    let closed = false;
    const closing = work.consumer.close().then(() => {
      closed = true;
    });
    // Several times the lock: it is still renewed.
    await new Promise((done) => setTimeout(done, 1_500));
    expect([closed, task.signal.aborted]).toEqual([false, false]);
    work.answer(task, { kind: 'settled' });
    await closing;
    expect(work.tasks).toHaveLength(1);
    expect(await queue.counts()).toEqual({ waiting: 1, active: 0, delayed: 0 });
  });

  it('closes quickly where nothing is in hand, started or not', async () => {
    const idle = member.shardConsumer('cpu', { concurrency: 1 });
    const waiting = HandWork.on(member.shardConsumer('cpu', { concurrency: 1 }));
    const begun = performance.now();
    await Promise.all([idle.close(), waiting.consumer.close()]);
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  it('takes out what it cannot read, tells of it, and goes on', async () => {
    await queue.add(shardMessages(4), 50);
    const { server } = fleet;
    await server.command('HSET', `{shardmill}:cpu:${id(0)}`, 'data', '{"v":9}');
    await server.command('HSET', `{shardmill}:cpu:${id(1)}`, 'data', '{not json');
    // Not even BullMQ can read this one.
    await server.command('HSET', `{shardmill}:cpu:${id(2)}`, 'opts', '{not json');
    const work = HandWork.on(member.shardConsumer('cpu', { concurrency: 1 }));
    expect(await work.taken(1)).toMatchObject({ id: id(3) });
    expect(fleet.notices.map((notice) => 'id' in notice && notice.id)).toEqual([0, 1, 2].map(id));
    expect(new Set(fleet.kinds())).toEqual(new Set(['message-unreadable']));
    expect(await queue.states([0, 1, 2].map(id))).toEqual(['absent', 'absent', 'absent']);
    const round = id(0).replace(/\.0$/, '');
    expect(work.unreadable.map((one) => one.round)).toEqual([round, round]);
    expect(work.unreadable.map((one) => one.reason)).toContain('not JSON');
  });

  it('takes a shard up again whose worker vanished, and gives it up after too many', async () => {
    await queue.add(shardMessages(1), 50);
    const settings = { concurrency: 1, lockMs: 10_000, stalledCheckMs: 100, maxStalledCount: 2 };
    const work = HandWork.on(member.shardConsumer('cpu', settings));
    const lock = `{shardmill}:cpu:${id(0)}:lock`;
    for (const count of [1, 2, 3]) {
      await work.taken(count);
      // As if its worker had been gone for the time of its lock, and the work with it.
      await fleet.server.command('SET', lock, 'nobody', 'PX', '1');
      await expect.poll(() => queue.states([id(0)]), { timeout: 10_000 }).not.toEqual(['active']);
      work.answer(await work.taken(count), { kind: 'settled' });
    }
    await expect.poll(() => queue.states([id(0)]), { timeout: 10_000 }).toEqual(['stalled']);
    expect(work.tasks).toHaveLength(3);
    await queue.remove([id(0)]);
    expect(await queue.states([id(0)])).toEqual(['absent']);
  });

  it('lets go of a shard that another has, and begins it again only when the work has ended', async () => {
    await queue.add(shardMessages(1), 50);
    const settings = { concurrency: 2, lockMs: 1_000, stalledCheckMs: 100 };
    const work = HandWork.on(member.shardConsumer('cpu', settings));
    const task = await work.taken(1);
    await fleet.server.command('SET', `{shardmill}:cpu:${id(0)}:lock`, 'another', 'PX', '300');
    await expect.poll(() => task.signal.aborted).toBe(true);
    // The lock of the other runs out, and the shard comes back to this very consumer.
    await expect.poll(async () => (await queue.counts()).active, { timeout: 5_000 }).toBe(1);
    await new Promise((done) => setTimeout(done, 500));
    expect(work.tasks).toHaveLength(1);
    work.answer(task, { kind: 'settled' });
    const again = await work.taken(2);
    expect(await queue.states([id(0)])).toEqual(['active']);
    work.answer(again, { kind: 'settled' });
    await expect.poll(() => queue.states([id(0)])).toEqual(['absent']);
  });

  it('keeps a shard whose lock ran out where nobody else has taken it', async () => {
    await queue.add(shardMessages(1), 50);
    const settings = { concurrency: 1, lockMs: 1_000, stalledCheckMs: 60_000 };
    const work = HandWork.on(member.shardConsumer('cpu', settings));
    const task = await work.taken(1);
    const lock = `{shardmill}:cpu:${id(0)}:lock`;
    await fleet.server.command('DEL', lock);
    await expect.poll(() => fleet.server.command('EXISTS', lock)).toBe('1');
    work.answer(task, { kind: 'settled' });
    await expect.poll(() => queue.states([id(0)])).toEqual(['absent']);
    expect(task.signal.aborted).toBe(false);
  });

  it('refuses settings that make no sense', () => {
    expect(() => member.shardConsumer('cpu', { concurrency: 0 })).toThrow(/concurrency is 0/);
    expect(() => member.shardConsumer('cpu', { concurrency: 1, lockMs: -1 })).toThrow(/lockMs/);
  });
});
