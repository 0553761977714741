import {
  type RedisServer,
  type RedisServerOptions,
  startRedisServer,
  waitFor,
} from '@shardmill/test-kit';
import { FleetRedis } from '../fleet-redis.js';
import type { RedisNotice } from '../connection/redis-notice.js';
import type { RedisOptions } from '../connection/redis-options.js';
import type { ShardConsumer, ShardOutcome, ShardTask } from '../shards/shard-consumer.js';
import type { ShardMessage } from '../shards/shard-message.js';

/** A Redis server of a test's own, and processes of a fleet on it; `close` ends all. */
export class TestFleet {
  readonly notices: RedisNotice[] = [];
  readonly #members: FleetRedis[] = [];

  private constructor(readonly server: RedisServer) {}

  static async start(options: RedisServerOptions = {}): Promise<TestFleet> {
    return new TestFleet(await startRedisServer(options));
  }

  /** One more process, as far as Redis can tell. */
  async join(options: RedisOptions = { url: this.server.url }): Promise<FleetRedis> {
    const member = await FleetRedis.open(options, {
      notice: (notice) => this.notices.push(notice),
    });
    this.#members.push(member);
    return member;
  }

  kinds(): string[] {
    return this.notices.map(({ kind }) => kind);
  }

  async close(): Promise<void> {
    HandWork.finishAll();
    await Promise.all(this.#members.map((member) => member.close()));
    await this.server.close();
  }
}

/** The work function of a consumer whose every shard waits until the test says what became of it. */
export class HandWork {
  static readonly #all = new Set<HandWork>();

  readonly tasks: ShardTask[] = [];
  readonly unreadable: { readonly round: string; readonly reason: string }[] = [];
  readonly #answers = new Map<ShardTask, (outcome: ShardOutcome | Error) => void>();

  constructor(readonly consumer: ShardConsumer) {}

  static on(consumer: ShardConsumer): HandWork {
    const work = new HandWork(consumer);
    HandWork.#all.add(work);
    consumer.start(
      (task) =>
        new Promise((resolve, reject) => {
          work.tasks.push(task);
          work.#answers.set(task, (outcome) =>
            outcome instanceof Error ? reject(outcome) : resolve(outcome),
          );
        }),
      (round, reason) => work.unreadable.push({ round, reason }),
    );
    return work;
  }

  get ids(): string[] {
    return this.tasks.map(({ id }) => id);
  }

  /** The task that was taken as the `count`th, once it is. */
  async taken(count: number, withinMs?: number): Promise<ShardTask> {
    await waitFor(`shard ${count} to be taken`, () => this.tasks.length >= count, withinMs);
    const task = this.tasks[count - 1];
    if (task === undefined) throw new Error(`no task ${count}`);
    return task;
  }

  answer(task: ShardTask, outcome: ShardOutcome | Error): void {
    this.#answers.get(task)?.(outcome);
    this.#answers.delete(task);
  }

  /** Lets every consumer close: it takes no more, and what it has is handed back. */
  static finishAll(): void {
    for (const work of HandWork.#all) {
      work.consumer.stop();
      for (const task of work.#answers.keys()) work.answer(task, { kind: 'handed-back' });
    }
    HandWork.#all.clear();
  }
}

export function shardMessage(shard: number, change: Partial<ShardMessage> = {}): ShardMessage {
  return {
    run: 'r1',
    planRun: 'r1',
    output: 's3://lake/scores/ds=2026-07-01/',
    planDigest: '0123456789abcdef'.repeat(4),
    shard,
    page: 0,
    rows: 1_048_576,
    round: 0,
    attempts: 3,
    partTimeoutMs: 3_600_000,
    diskFullWaitMs: 600_000,
    resources: {},
    ...change,
  };
}

export function shardMessages(count: number): ShardMessage[] {
  return Array.from({ length: count }, (_, shard) => shardMessage(shard));
}
