import { waitFor } from '@shardmill/test-kit';
import { afterEach, describe, expect, it } from 'vitest';
import { FleetRedis } from './fleet-redis.js';
import { shardId } from './shards/shard-message.js';
import { ConsumerProcess } from './testing/consumer-process.js';
import { ManualWork, shardMessage, shardMessages, TestFleet } from './testing/fleet.js';

let fleet: TestFleet | undefined;
let child: ConsumerProcess | undefined;

afterEach(async () => {
  await child?.close();
  await fleet?.close();
  child = undefined;
  fleet = undefined;
});

const id = (shard: number): string => shardId(shardMessage(shard));
const soon = { timeout: 20_000 };

/** Adds until it succeeds, as a scheduler does. */
async function addWhenBack(redis: FleetRedis, count: number): Promise<void> {
  const queue = redis.shardQueue('cpu');
  await waitFor('an addition', () =>
    queue.add(shardMessages(count), 50).then(
      () => true,
      () => false,
    ),
  );
}

describe('where Redis is away', () => {
  it('all that needs it fails with REDIS_UNREACHABLE within seconds, and closes', async () => {
    // Nothing listens on port 1.
    const redis = await FleetRedis.open({ url: 'redis://user:secret@127.0.0.1:1' });
    const queue = redis.shardQueue('cpu');
    const begun = performance.now();
    const failures = await Promise.all(
      [
        queue.add(shardMessages(1), 50),
        queue.states(['a']),
        queue.remove(['a']),
        queue.counts(),
        redis.presence().list(),
        redis.views().get('r1'),
        redis.check(),
      ].map((call) =>
        call.then(
          () => undefined,
          (error: unknown) => error,
        ),
      ),
    );
    expect(performance.now() - begun).toBeLessThan(5_000);
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: 'REDIS_UNREACHABLE', where: '127.0.0.1:1' });
      expect(String(failure)).toContain('ECONNREFUSED');
      expect(String(failure)).not.toContain('secret');
    }
    await redis.close();
  });

  it('what need not succeed is quiet', async () => {
    const redis = await FleetRedis.open({ url: 'redis://127.0.0.1:1' });
    const events = redis.events();
    events.subscribe(() => {});
    events.publish({ kind: 'run-changed', run: 'r1' });
    await redis.presence().leave('a');
    await redis.close();
  });

  it('a consumer waits without haste, takes work when Redis comes, and reports it once', async () => {
    fleet = await TestFleet.start();
    await fleet.server.stop('SIGKILL');
    const member = await fleet.join();
    const work = ManualWork.on(member.shardConsumer('cpu', { concurrency: 1 }));
    await expect.poll(() => fleet?.kinds(), soon).toEqual(['redis-lost']);
    expect(member.connected).toBe(false);
    await fleet.server.start();
    await addWhenBack(member, 1);
    expect(member.connected).toBe(true);
    work.answer(await work.taken(1), { kind: 'settled' });
    await expect.poll(() => member.shardQueue('cpu').states([id(0)])).toEqual(['absent']);
    expect(fleet.kinds()).toEqual(['redis-lost', 'redis-back']);
  });

  it('a consumer closes all the same, with an in-flight shard that it cannot give back', async () => {
    fleet = await TestFleet.start();
    const member = await fleet.join();
    await member.shardQueue('cpu').add(shardMessages(1), 50);
    const work = ManualWork.on(member.shardConsumer('cpu', { concurrency: 2 }));
    const task = await work.taken(1);
    await fleet.server.stop('SIGKILL');
    work.consumer.stop();
    work.answer(task, { kind: 'handed-back' });
    const begun = performance.now();
    await work.consumer.close();
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});

describe('where Redis stops to answer', () => {
  it('calls fail within seconds, and all goes on when it answers again', async () => {
    fleet = await TestFleet.start();
    const member = await fleet.join();
    const queue = member.shardQueue('cpu');
    await queue.add(shardMessages(1), 50);
    const work = ManualWork.on(member.shardConsumer('cpu', { concurrency: 1 }));
    const task = await work.taken(1);
    await fleet.server.stop('SIGSTOP');
    const begun = performance.now();
    await expect(queue.counts()).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
    expect(performance.now() - begun).toBeLessThan(9_000);
    await fleet.server.stop('SIGCONT');
    await addWhenBack(member, 2);
    work.answer(task, { kind: 'settled' });
    expect((await work.taken(2)).id).toBe(id(1));
  });
});

describe('a restart of Redis', () => {
  it('that loses everything loses the in-flight shards, and new ones are taken', async () => {
    fleet = await TestFleet.start();
    const member = await fleet.join();
    await member.shardQueue('cpu').add(shardMessages(2), 50);
    const work = ManualWork.on(member.shardConsumer('cpu', { concurrency: 1, lockMs: 1_000 }));
    const task = await work.taken(1);
    await fleet.server.restart();
    await expect.poll(() => task.signal.aborted, soon).toBe(true);
    work.answer(task, { kind: 'settled' });
    await addWhenBack(member, 2);
    work.answer(await work.taken(2), { kind: 'settled' });
    work.answer(await work.taken(3), { kind: 'settled' });
    expect(work.ids).toEqual([id(0), id(0), id(1)]);
  });

  it('that keeps everything leaves in-flight shards where they are, even beyond their lock', async () => {
    fleet = await TestFleet.start({ appendOnly: true });
    const member = await fleet.join();
    const queue = member.shardQueue('cpu');
    await queue.add(shardMessages(3), 50);
    const settings = { concurrency: 2, lockMs: 500, stalledCheckMs: 1_000 };
    const work = ManualWork.on(member.shardConsumer('cpu', settings));
    const [first, second] = [await work.taken(1), await work.taken(2)];
    // As the check for lost workers does: the shards in this set have to renew their locks.
    await fleet.server.command('SADD', '{shardmill}:cpu:stalled', id(0), id(1));
    await fleet.server.stop('SIGKILL');
    work.answer(first, { kind: 'settled' });
    await new Promise((done) => setTimeout(done, 1_000));
    await fleet.server.start();
    expect((await work.taken(3)).id).toBe(id(2));
    await expect
      .poll(() => queue.states([0, 1, 2].map(id)), soon)
      .toEqual(['absent', 'active', 'active']);
    expect(second.signal.aborted).toBe(false);
    work.answer(second, { kind: 'again', delayMs: 60_000, failed: [] });
    await expect.poll(() => queue.states([id(1)])).toEqual(['delayed']);
  });
});

describe('a Redis that is emptied', () => {
  it('has in-flight shards abandoned, whatever becomes of them, and takes new ones', async () => {
    fleet = await TestFleet.start();
    const member = await fleet.join();
    const queue = member.shardQueue('cpu');
    await queue.add(shardMessages(5), 50);
    const work = ManualWork.on(member.shardConsumer('cpu', { concurrency: 4, lockMs: 1_000 }));
    await work.taken(4);
    const [a, b, c, d] = work.tasks;
    if (!a || !b || !c || !d) throw new Error('four were taken');
    await fleet.server.flushAll();
    work.answer(a, { kind: 'settled' });
    work.answer(b, { kind: 'handed-back' });
    work.answer(c, { kind: 'again', delayMs: 1, failed: [] });
    await expect.poll(() => d.signal.aborted, soon).toBe(true);
    work.answer(d, new Error('aborted'));
    expect(await queue.counts()).toEqual({ waiting: 0, active: 0, delayed: 0 });
    await queue.add(shardMessages(5), 50);
    await work.taken(8);
    expect(work.ids.slice(4)).toEqual([0, 1, 2, 3].map(id));
    expect(new Set(fleet.kinds())).toEqual(new Set(['shard-abandoned']));
  });
});

describe('a Redis at its memory limit', () => {
  it('refuses additions with REDIS_UNREACHABLE, and lets in-flight shards end', async () => {
    fleet = await TestFleet.start();
    const { server } = fleet;
    const member = await fleet.join();
    const queue = member.shardQueue('cpu');
    await queue.add(shardMessages(3), 50);
    const settings = { concurrency: 2, lockMs: 500, stalledCheckMs: 100 };
    const work = ManualWork.on(member.shardConsumer('cpu', settings));
    const [first, second] = [await work.taken(1), await work.taken(2)];
    await server.command('CONFIG', 'SET', 'maxmemory', '1mb');
    await expect(queue.add([shardMessage(9)], 50)).rejects.toMatchObject({
      code: 'REDIS_UNREACHABLE',
      message: expect.stringContaining('memory limit'),
    });
    // The locks of in-flight shards are still renewed, and finished shards leave the queue.
    await new Promise((done) => setTimeout(done, 1_500));
    expect([first, second].map(({ signal }) => signal.aborted)).toEqual([false, false]);
    work.answer(first, { kind: 'settled' });
    await expect.poll(() => queue.states([id(0)]), soon).toEqual(['absent']);
    await expect.poll(() => fleet?.kinds(), soon).toEqual(['redis-refused']);
    await server.command('CONFIG', 'SET', 'maxmemory', '0');
    expect(await work.taken(3)).toMatchObject({ id: id(2) });
    expect(second.signal.aborted).toBe(false);
  });
});

describe('a process with a consumer', () => {
  it('writes nothing to stderr through an outage, is not busy meanwhile, and ends when closed', async () => {
    fleet = await TestFleet.start({ args: ['--maxmemory-policy', 'allkeys-lru'] });
    const { server } = fleet;
    child = new ConsumerProcess(server.url, { concurrency: 2 });
    await child.untilReported('ready');
    await server.stop('SIGKILL');
    await child.untilReported('notice redis-lost');
    await server.start();
    await child.untilReported('notice redis-back');
    await server.flushAll();
    const before = await commandsOf(server);
    await new Promise((done) => setTimeout(done, 2_000));
    expect((await commandsOf(server)) - before).toBeLessThan(60);
    expect(await child.end()).toBe(0);
    expect(child.reported.at(-1)).toBe('closed');
    expect(child.stderr).toBe('');
  });

  it('ends while Redis is away, too', async () => {
    fleet = await TestFleet.start();
    child = new ConsumerProcess(fleet.server.url, { concurrency: 2 });
    await child.untilReported('ready');
    await fleet.server.stop('SIGKILL');
    await child.untilReported('notice redis-lost');
    const begun = performance.now();
    expect(await child.end()).toBe(0);
    expect(performance.now() - begun).toBeLessThan(6_000);
    expect(child.stderr).toBe('');
  });
});

async function commandsOf(server: TestFleet['server']): Promise<number> {
  const stats = await server.command('INFO', 'stats');
  return Number(/total_commands_processed:(\d+)/.exec(stats)?.[1]);
}
