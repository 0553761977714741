import type { ShardmillError } from '@shardmill/core';

export interface CallLimits {
  /** A call that takes longer is given up. */
  readonly limitMs: number;
  /** A call that takes longer is reported, so that it is known what a process died of. */
  readonly slowMs: number;
}

const USUAL: CallLimits = { limitMs: 60_000, slowMs: 500 };

/**
 * Waits for calls that another thread works on. Nothing can end such a call: one that is given up
 * goes on, until its process is ended.
 */
export class CallWatch {
  #slow = 0;

  /** @param onSlow is called when the first of the calls under way is slow, and when none is. */
  constructor(
    readonly onSlow: (slow: boolean) => void = () => {},
    readonly limits: CallLimits = USUAL,
  ) {}

  /**
   * @param size a call of more than 1 has as many times as long.
   * @param late makes the error of a call that is given up, of its limit in seconds.
   */
  async wait<T>(
    call: Promise<T>,
    size: number,
    late: (seconds: number) => ShardmillError,
  ): Promise<T> {
    const limitMs = this.limits.limitMs * Math.max(1, size);
    let isSlow = false;
    const slow = setTimeout(() => {
      isSlow = true;
      if (this.#slow++ === 0) this.onSlow(true);
    }, this.limits.slowMs);
    let limit: NodeJS.Timeout | undefined;
    const given = new Promise<never>((_resolve, reject) => {
      limit = setTimeout(() => reject(late(limitMs / 1000)), limitMs);
    });
    try {
      return await Promise.race([call, given]);
    } finally {
      clearTimeout(slow);
      clearTimeout(limit);
      if (isSlow && --this.#slow === 0) this.onSlow(false);
    }
  }
}
