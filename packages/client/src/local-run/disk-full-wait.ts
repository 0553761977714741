import { formatDuration } from '@shardmill/core';

export interface Pause {
  readonly pauseMs: number;
  /** For the user, where it is time for one. */
  readonly notice: string | undefined;
}

const NOTICE_MS = 60_000;

/**
 * The wait for space of a whole run: all shards that meet a full disk wait for the same time, which
 * begins anew after a shard was done.
 */
export class DiskFullWait {
  #since: number | undefined;
  #noticedAt = -Infinity;

  /** @param delayOf the pause after a disk has been full for some time. */
  constructor(
    readonly waitMs: number,
    readonly delayOf: (fullForMs: number, waitMs: number) => number,
  ) {}

  /** @returns nothing where it was waited long enough. */
  met(now: number): Pause | undefined {
    this.#since ??= now;
    const fullForMs = now - this.#since;
    const leftMs = this.waitMs - fullForMs;
    if (leftMs <= 0) return undefined;
    const due = now - this.#noticedAt >= NOTICE_MS;
    if (due) this.#noticedAt = now;
    return {
      pauseMs: this.delayOf(fullForMs, this.waitMs),
      notice: due
        ? `waiting for space, ${formatDuration(leftMs)} at most: free some, or stop with Ctrl-C and go on later`
        : undefined,
    };
  }

  /** A shard was done: there is space. */
  clear(): void {
    this.#since = undefined;
    this.#noticedAt = -Infinity;
  }
}
