import type { ShardmillError } from '@shardmill/core';
import type { NoticeListener } from './redis-notice.js';
import type { RedisClient } from './connect-redis.js';
import { messageOf, redisFailure } from './redis-failure.js';

/** A command waits this long for a connection that is being made, and fails then. */
const READY_MS = 2_000;

/** A connection to Redis, through which every command goes: it succeeds or fails, and soon. */
export class RedisLink {
  #closed = false;
  #connectedAt = 0;
  #lost = false;
  #lastError: unknown;
  #waiting: Waiting | undefined;

  constructor(
    readonly client: RedisClient,
    readonly where: string,
    readonly notice: NoticeListener,
    /** What is wrong with the address, asked where there never was a connection. */
    readonly diagnose: () => Promise<string | undefined> = async () => undefined,
  ) {
    client.on('error', (error: unknown) => {
      this.#lastError = error;
    });
    client.on('ready', () => {
      this.#connectedAt = performance.now();
      if (this.#lost) notice({ kind: 'redis-back', where });
      this.#lost = false;
      this.#lastError = undefined;
      this.#waiting?.settle();
    });
  }

  get connected(): boolean {
    return !this.#closed && this.client.status === 'ready';
  }

  /** How long the connection has been there without a break; 0 where it is not. */
  get connectedMs(): number {
    return this.connected ? performance.now() - this.#connectedAt : 0;
  }

  /** @throws REDIS_UNREACHABLE where there is no connection, or the command fails */
  async run<T>(command: () => Promise<T>): Promise<T> {
    try {
      await this.ready();
      return await command();
    } catch (error) {
      throw this.failed(error);
    }
  }

  /** The error to throw for a failure. A loss of the connection is reported once until it is back. */
  failed(error: unknown): ShardmillError {
    const failure = redisFailure(error, this.where);
    if (!this.connected && !this.#lost && !this.#closed) {
      this.#lost = true;
      this.notice({ kind: 'redis-lost', where: this.where, message: failure.message });
    }
    return failure;
  }

  /** Ends when the connection is there. @throws what keeps it away, after a while */
  async ready(): Promise<void> {
    if (this.#closed) throw new Error('the connection was closed');
    if (this.connected) return;
    // One wait for all commands: a thousand of them need one listener and one timer.
    this.#waiting ??= this.#wait();
    await this.#waiting.settled;
  }

  /** Closes at once; commands in flight fail. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting?.settle(new Error('the connection was closed'));
    this.client.disconnect();
  }

  #wait(): Waiting {
    let end: (error?: Error) => void = () => {};
    const settled = new Promise<void>((resolve, reject) => {
      end = (error) => (error === undefined ? resolve() : reject(error));
    });
    const timer = setTimeout(() => void this.#giveUp(waiting), READY_MS);
    const waiting: Waiting = {
      settled,
      settle: (error) => {
        clearTimeout(timer);
        this.#waiting = undefined;
        end(error);
      },
    };
    return waiting;
  }

  async #giveUp(waiting: Waiting): Promise<void> {
    const wrong = this.#connectedAt === 0 ? await this.diagnose() : undefined;
    // It may have been settled meanwhile.
    if (this.#waiting !== waiting) return;
    const known = this.#lastError === undefined ? undefined : messageOf(this.#lastError);
    waiting.settle(new Error(wrong ?? known ?? 'no connection yet'));
  }
}

interface Waiting {
  readonly settled: Promise<void>;
  settle(error?: Error): void;
}
