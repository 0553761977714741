import { ShardmillError } from '@shardmill/core';
import type { Clock } from './clock.js';
import type { Logger } from '@shardmill/core';

/**
 * Calls to Redis, which may fail at any time: a scheduler goes on without, and tells once when
 * Redis went away and once when it is back. It is back after some time without a failure: at its
 * memory limit Redis answers every question and refuses every change.
 */
export class RedisLink {
  #away: string | undefined;
  #failedAt = 0;

  constructor(
    readonly log: Logger,
    readonly clock: Pick<Clock, 'now'>,
    readonly quietMs: number,
  ) {}

  /** What Redis said last, since it does not answer all calls; undefined while it does. */
  get away(): string | undefined {
    return this.#away;
  }

  /** @returns undefined where Redis cannot be reached. */
  async call<T>(work: () => Promise<T>): Promise<{ readonly value: T } | undefined> {
    try {
      const value = await work();
      this.#answered();
      return { value };
    } catch (error) {
      if (!(error instanceof ShardmillError) || !error.code.startsWith('REDIS_')) throw error;
      if (this.#away === undefined) {
        const { code, message, remedy } = error;
        this.log.warn({ code, remedy }, `${message}; going on without`);
      }
      this.#away = error.message;
      this.#failedAt = this.clock.now();
      return undefined;
    }
  }

  #answered(): void {
    if (this.#away === undefined || this.clock.now() - this.#failedAt < this.quietMs) return;
    this.#away = undefined;
    this.log.info({}, 'Redis answers again');
  }
}
