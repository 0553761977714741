// What every shard queue holds towards its consumers; what only Redis does is in
// bull-shard-consumer.test.ts.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualWork, shardMessage, shardMessages, TestFleet } from '../testing/fleet.js';
import { InProcessShardQueue } from './in-process-queue.js';
import type { ShardConsumer } from './shard-consumer.js';
import { type Attempt, shardId, type ShardMessage } from './shard-message.js';

interface QueueUnderTest {
  add(messages: readonly ShardMessage[]): Promise<void>;
  consumer(concurrency: number): ShardConsumer;
  close(): Promise<void>;
}

async function openBullQueue(): Promise<QueueUnderTest> {
  const fleet = await TestFleet.start();
  const member = await fleet.join();
  const queue = member.shardQueue('cpu');
  return {
    add: (messages) => queue.add(messages, 50),
    consumer: (concurrency) => member.shardConsumer('cpu', { concurrency }),
    close: () => fleet.close(),
  };
}

async function openInProcessQueue(): Promise<QueueUnderTest> {
  const queue = new InProcessShardQueue();
  return {
    add: async (messages) => queue.add(...messages),
    consumer: (concurrency) => queue.consumer(concurrency),
    close: async () => {
      ManualWork.finishAll();
      queue.close();
    },
  };
}

const id = (shard: number): string => shardId(shardMessage(shard));
const attempt: Attempt = {
  worker: 'host-1-abc',
  startedAt: '2026-07-01T05:00:00.000Z',
  endedAt: '2026-07-01T05:01:00.000Z',
  error: { code: 'PART_TIMEOUT', message: 'took 61 s', remedy: 'Raise it.' },
};

describe.each([
  ['the queue in Redis', openBullQueue],
  ['the queue within a process', openInProcessQueue],
])('%s', (_, open) => {
  let queue: QueueUnderTest;
  beforeEach(async () => {
    queue = await open();
  });
  afterEach(() => queue.close());

  it('delivers what was added in its order, no more at once than a consumer takes', async () => {
    await queue.add([shardMessage(7, { page: 3 }), shardMessage(8), shardMessage(9)]);
    const work = ManualWork.on(queue.consumer(2));
    const task = await work.taken(1);
    expect(task).toMatchObject({ id: id(7), message: shardMessage(7, { page: 3 }), failed: [] });
    await work.taken(2);
    expect(work.ids).toEqual([id(7), id(8)]);
    work.answer(task, { kind: 'settled' });
    expect(await work.taken(3)).toMatchObject({ id: id(9) });
  });

  it('delivers what is added while a consumer waits', async () => {
    const work = ManualWork.on(queue.consumer(1));
    await queue.add(shardMessages(1));
    expect(await work.taken(1)).toMatchObject({ id: id(0) });
  });

  it('delivers a shard that was handed back first, to another consumer, as it was, with the time it took', async () => {
    await queue.add(shardMessages(2));
    const leaving = ManualWork.on(queue.consumer(1));
    const task = await leaving.taken(1);
    leaving.consumer.stop();
    leaving.answer(task, { kind: 'handed-back', unfinishedSeconds: 2.5 });
    await leaving.consumer.close();
    const staying = ManualWork.on(queue.consumer(2));
    await staying.taken(2);
    expect(staying.tasks).toMatchObject([
      { id: id(0), failed: [], unfinishedSeconds: 2.5 },
      { id: id(1), failed: [] },
    ]);
  });

  it('delivers a shard again after its delay, with the attempts that failed', async () => {
    await queue.add(shardMessages(1));
    const work = ManualWork.on(queue.consumer(1));
    const first = await work.taken(1);
    const begun = performance.now();
    const again = { kind: 'again', failed: [attempt], unfinishedSeconds: 61.5 } as const;
    work.answer(first, { ...again, delayMs: 400 });
    expect(await work.taken(2)).toMatchObject({ failed: [attempt], unfinishedSeconds: 61.5 });
    expect(performance.now() - begun).toBeGreaterThan(390);
  });

  it.each([{ kind: 'settled' }, { kind: 'refused', reason: 'of another run' }] as const)(
    'never delivers a shard again that is $kind',
    async (outcome) => {
      await queue.add(shardMessages(2));
      const work = ManualWork.on(queue.consumer(1));
      work.answer(await work.taken(1), outcome);
      work.answer(await work.taken(2), outcome);
      await work.consumer.close();
      expect(work.ids).toEqual([id(0), id(1)]);
    },
  );

  it('delivers a shard again where the work threw', async () => {
    await queue.add(shardMessages(1));
    const work = ManualWork.on(queue.consumer(1));
    work.answer(await work.taken(1), new Error('unforeseen'));
    expect(await work.taken(2)).toMatchObject({ id: id(0), failed: [] });
  });

  it('closes a consumer when its shards in flight have ended, and delivers no more to it', async () => {
    await queue.add(shardMessages(2));
    const work = ManualWork.on(queue.consumer(1));
    const task = await work.taken(1);
    let closed = false;
    const closing = work.consumer.close().then(() => {
      closed = true;
    });
    await new Promise((done) => setImmediate(done));
    expect([closed, task.signal.aborted]).toEqual([false, false]);
    work.answer(task, { kind: 'settled' });
    await closing;
    expect(work.tasks).toHaveLength(1);
  });
});
