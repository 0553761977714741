import { ShardmillError } from '@shardmill/core';
import type { Logger } from './logger.js';

/**
 * Calls to Redis, which may fail at any time: a scheduler goes on without, and tells once when
 * Redis went away and once when it is back.
 */
export class RedisLink {
  #away: string | undefined;

  constructor(readonly log: Logger) {}

  /** What Redis says since it does not answer; undefined while it does. */
  get away(): string | undefined {
    return this.#away;
  }

  /** @returns undefined where Redis cannot be reached. */
  async call<T>(work: () => Promise<T>): Promise<{ readonly value: T } | undefined> {
    try {
      const value = await work();
      if (this.#away !== undefined) this.log.info({}, 'Redis answers again');
      this.#away = undefined;
      return { value };
    } catch (error) {
      if (!(error instanceof ShardmillError) || !error.code.startsWith('REDIS_')) throw error;
      if (this.#away === undefined) {
        const { code, message, remedy } = error;
        this.log.warn({ code, remedy }, `${message}; going on without`);
      }
      this.#away = error.message;
      return undefined;
    }
  }
}
