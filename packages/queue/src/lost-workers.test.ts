import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FleetRedis } from './fleet-redis.js';
import { shardId } from './shards/shard-message.js';
import type { ShardQueue } from './shards/shard-queue.js';
import { ConsumerProcess } from './testing/consumer-process.js';
import { ManualWork, shardMessage, shardMessages, TestFleet } from './testing/fleet.js';

let fleet: TestFleet;
let member: FleetRedis;
let queue: ShardQueue;
let child: ConsumerProcess | undefined;

beforeEach(async () => {
  fleet = await TestFleet.start();
  member = await fleet.join();
  queue = member.shardQueue('cpu');
});

afterEach(async () => {
  await child?.close();
  await fleet.close();
});

const id = shardId(shardMessage(0));

describe('a worker that is lost', () => {
  it('by a kill has its shard taken up by another within 30 s, at the defaults', async () => {
    await queue.add(shardMessages(1), 50);
    child = new ConsumerProcess(fleet.server.url, { concurrency: 1 });
    await child.untilReported(`took ${id}`);
    const work = ManualWork.on(member.shardConsumer('cpu', { concurrency: 1 }));
    child.kill('SIGKILL');
    const begun = performance.now();
    expect(await work.taken(1, 40_000)).toMatchObject({ id, failed: [] });
    expect(performance.now() - begun).toBeLessThan(30_000);
  });

  it('by a freeze beyond its lock finds out when it thaws, and both end in good order', async () => {
    await queue.add(shardMessages(1), 50);
    const settings = { concurrency: 1, lockMs: 1_000, stalledCheckMs: 300 };
    child = new ConsumerProcess(fleet.server.url, settings);
    await child.untilReported(`took ${id}`);
    child.kill('SIGSTOP');
    const work = ManualWork.on(member.shardConsumer('cpu', settings));
    const task = await work.taken(1);
    child.kill('SIGCONT');
    await child.untilReported(`aborted ${id}`);
    child.settle();
    expect(await child.end()).toBe(0);
    expect(child.stderr).toBe('');
    expect(await queue.states([id])).toEqual(['active']);
    expect(task.signal.aborted).toBe(false);
    work.answer(task, { kind: 'settled' });
    await expect.poll(() => queue.states([id])).toEqual(['absent']);
  });

  it('or is not: shards of a worker that lives stay with it, however long they take', async () => {
    await queue.add(shardMessages(1), 50);
    const settings = { concurrency: 1, lockMs: 500, stalledCheckMs: 100 };
    child = new ConsumerProcess(fleet.server.url, settings);
    await child.untilReported(`took ${id}`);
    const work = ManualWork.on(member.shardConsumer('cpu', settings));
    await new Promise((done) => setTimeout(done, 3_000));
    expect(work.tasks).toEqual([]);
    expect(child.reported).not.toContain(`aborted ${id}`);
    child.settle();
    await expect.poll(() => queue.states([id])).toEqual(['absent']);
  });
});
