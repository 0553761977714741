import { randomUUID } from 'node:crypto';
import { reconnectDelayMs } from '../connection/connect-redis.js';
import { messageOf } from '../connection/redis-failure.js';
import type { RedisLink } from '../connection/redis-link.js';
import type { NoticeListener } from '../connection/redis-notice.js';
import type { ShardConsumer, ShardOutcome, ShardTask } from './shard-consumer.js';
import { BullQueue, type BullSettings } from './bull-queue.js';
import { LockKeeper } from './lock-keeper.js';
import { QueueScripts } from './queue-scripts.js';
import { ShardRelease } from './release-shard.js';
import { keepRefused, refusedKey } from './refused-messages.js';
import { pause, Repeat } from './repeat.js';
import { ShardLease } from './shard-lease.js';
import { type Fetched, ShardSource } from './shard-source.js';
import { decodeShard } from './stored-shard.js';
import type { QueuedShard } from './shard-message.js';

export interface ConsumerSettings extends BullSettings {
  readonly concurrency: number;
}

type Work = (task: ShardTask) => Promise<ShardOutcome>;

/** A work function that throws, which it should not, would else do so without a pause. */
const AFTER_THROW_MS = 1_000;

/**
 * Takes shards by the scripts of BullMQ's workers. The loop around them is our own: BullMQ's
 * `Worker` waits for ever in `close` where Redis is away just then, even once it is back, and takes
 * up work again late after an outage.
 */
export class BullShardConsumer implements ShardConsumer {
  readonly #bull: BullQueue;
  readonly #scripts: QueueScripts;
  readonly #source: ShardSource;
  readonly #release: ShardRelease;
  readonly #keeper: LockKeeper;
  readonly #refusedKey: string;
  readonly #id = randomUUID();
  readonly #stop = new AbortController();
  /** In-flight shards by id, each with the end of the work on it. */
  readonly #inFlight = new Map<string, Promise<void>>();
  #busy = 0;
  #freed: () => void = () => {};
  #unreadable: (round: string, reason: string) => void = () => {};
  #fetches = 0;
  #refused = false;
  #taking: Promise<void> | undefined;
  #stalledCheck: Repeat | undefined;
  #closed: Promise<void> | undefined;

  /** @param line a connection of the consumer's own, closed with it */
  constructor(
    readonly pool: string,
    readonly link: RedisLink,
    readonly line: RedisLink,
    prefix: string,
    readonly settings: ConsumerSettings,
    readonly notice: NoticeListener,
  ) {
    this.#bull = BullQueue.open(pool, link, prefix, settings);
    this.#scripts = new QueueScripts(this.#bull);
    this.#source = new ShardSource(this.#bull, line);
    const { lockMs } = settings;
    this.#keeper = new LockKeeper(link, this.#scripts, lockMs, ({ id }) => this.#abandoned(id));
    this.#refusedKey = refusedKey(prefix, pool);
    const { signal } = this.#stop;
    const own = this.#scripts;
    this.#release = new ShardRelease(this.#bull, own, this.#keeper, this.#refusedKey, signal);
  }

  start(work: Work, unreadable: (round: string, reason: string) => void = () => {}): void {
    if (this.#taking !== undefined || this.#stop.signal.aborted) return;
    this.#unreadable = unreadable;
    this.#keeper.start();
    this.#stalledCheck = new Repeat(this.settings.stalledCheckMs, () => this.#checkStalled());
    this.#taking = this.#take(work);
  }

  stop(): void {
    this.#stop.abort();
    this.#freed();
  }

  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async #close(): Promise<void> {
    this.stop();
    await this.#taking;
    await Promise.all(this.#inFlight.values());
    await this.#keeper.close();
    await this.#stalledCheck?.close();
    this.line.close();
    await this.#bull.close();
  }

  async #take(work: Work): Promise<void> {
    let failures = 0;
    while (await this.#slot()) {
      try {
        const token = `${this.#id}.${this.#fetches++}`;
        const fetched = await this.#source.fetch(token);
        if (fetched.kind === 'job') this.#begin(fetched, token, work);
        else if (fetched.kind === 'none') await this.#source.wait(fetched.nextAt, Date.now());
        else this.#takeOut(await this.#scripts.removeByToken(token), 'a damaged job');
        failures = 0;
        this.#refused = false;
      } catch (error) {
        this.#report(error);
        await pause(reconnectDelayMs(++failures, Math.random()), this.#stop.signal);
      }
    }
  }

  /** Waits until one more shard may be in flight. @returns false where no more are to be taken. */
  async #slot(): Promise<boolean> {
    while (!this.#stop.signal.aborted && this.#busy >= this.settings.concurrency) {
      await new Promise<void>((resolve) => {
        this.#freed = resolve;
      });
    }
    return !this.#stop.signal.aborted;
  }

  #begin(job: Fetched & { readonly kind: 'job' }, token: string, work: Work): void {
    const lease = new ShardLease(job.id, token);
    this.#keeper.keep(lease);
    this.#busy++;
    // A shard that was lost may come back while the work on it has not ended yet.
    const before = this.#inFlight.get(job.id);
    const handled = this.#handle(lease, job, work, before)
      .catch((error: unknown) => this.#report(error))
      .finally(() => {
        this.#keeper.forget(lease);
        this.#busy--;
        this.#freed();
      });
    const ended = Promise.all([before, handled]).then(() => {
      if (this.#inFlight.get(job.id) === ended) this.#inFlight.delete(job.id);
    });
    this.#inFlight.set(job.id, ended);
  }

  async #handle(
    lease: ShardLease,
    { id, data, givenUp }: Fetched & { readonly kind: 'job' },
    work: Work,
    before: Promise<void> | undefined,
  ): Promise<void> {
    if (givenUp !== undefined) {
      await this.#release.giveUp(lease, givenUp);
      return;
    }
    const shard = decodeShard(data);
    if ('unreadable' in shard) {
      await keepRefused(this.link, this.#refusedKey, { id, reason: shard.unreadable, data });
      await this.link.run(() => this.#scripts.remove([id]));
      this.#unreadable(id.slice(0, id.lastIndexOf('.')), shard.unreadable);
      return this.#takeOut([id], shard.unreadable);
    }
    await before;
    const outcome = await this.#work(lease, shard, work);
    if (lease.lost) return;
    if (!(await this.#release.release(lease, outcome, shard))) this.#abandoned(id);
  }

  async #work(lease: ShardLease, shard: QueuedShard, work: Work): Promise<ShardOutcome> {
    const { id, signal } = lease;
    if (this.#stop.signal.aborted || lease.lost) return { kind: 'handed-back' };
    try {
      return await work({ id, ...shard, signal });
    } catch (error) {
      if (lease.lost) return { kind: 'handed-back' };
      this.notice({ kind: 'work-threw', pool: this.pool, id, message: messageOf(error) });
      await pause(AFTER_THROW_MS, this.#stop.signal);
      return { kind: 'handed-back' };
    }
  }

  /** Not soon after an outage, in which locks ran out: first, those who live may take them again. */
  async #checkStalled(): Promise<void> {
    if (this.link.connectedMs < this.settings.stalledCheckMs) return;
    await this.link.run(() => this.#bull.scripts.moveStalledJobsToWait());
  }

  #abandoned(id: string): void {
    this.notice({ kind: 'shard-abandoned', pool: this.pool, id });
  }

  #takeOut(ids: readonly string[], message: string): void {
    for (const id of ids) {
      this.notice({ kind: 'message-unreadable', pool: this.pool, id, message });
    }
  }

  /** Reports a failure once, until a command succeeds again. */
  #report(error: unknown): void {
    const failure = this.link.failed(error);
    if (!this.link.connected || this.#refused) return;
    this.#refused = true;
    this.notice({ kind: 'redis-refused', where: this.link.where, message: failure.message });
  }
}
