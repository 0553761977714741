import { afterEach, expect, it } from 'vitest';
import { ManualWork, shardMessage, shardMessages } from '../testing/fleet.js';
import { InProcessShardQueue } from './in-process-queue.js';
import type { ShardMessage } from './shard-message.js';

afterEach(() => ManualWork.finishAll());

it('reads its source no further than its consumers have room', async () => {
  let read = 0;
  async function* source(): AsyncGenerator<ShardMessage> {
    for (const message of shardMessages(1000)) {
      read++;
      yield message;
    }
  }
  const queue = new InProcessShardQueue(source());
  const work = ManualWork.on(queue.consumer(2));
  work.answer(await work.taken(1), { kind: 'settled' });
  await work.taken(3);
  expect(read).toBeLessThanOrEqual(4);
  queue.close();
});

it('is drained when the source has ended and every shard is settled, delayed ones included', async () => {
  async function* source(): AsyncGenerator<ShardMessage> {
    yield shardMessage(0);
  }
  const queue = new InProcessShardQueue(source());
  let drained = false;
  const done = queue.drained().then(() => {
    drained = true;
  });
  const work = ManualWork.on(queue.consumer(1));
  work.answer(await work.taken(1), { kind: 'again', delayMs: 1, failed: [] });
  const again = await work.taken(2);
  expect(drained).toBe(false);
  work.answer(again, { kind: 'settled' });
  await done;
  expect(queue.empty).toBe(true);
});

it('reports what reading the source failed of when the shards in flight have ended', async () => {
  async function* source(): AsyncGenerator<ShardMessage> {
    yield shardMessage(0);
    throw new Error('the page is gone');
  }
  const queue = new InProcessShardQueue(source());
  const drained = queue.drained();
  const work = ManualWork.on(queue.consumer(2));
  work.answer(await work.taken(1), { kind: 'settled' });
  await expect(drained).rejects.toThrow('the page is gone');
});

it('aborts the work on a shard that is removed, and never delivers one that waits', async () => {
  const queue = new InProcessShardQueue();
  queue.add(...shardMessages(2));
  const work = ManualWork.on(queue.consumer(1));
  const task = await work.taken(1);
  queue.remove(0);
  queue.remove(1);
  expect(task.signal.aborted).toBe(true);
  work.answer(task, { kind: 'settled' });
  await queue.drained();
  expect(work.tasks).toHaveLength(1);
});
