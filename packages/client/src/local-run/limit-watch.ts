import {
  allSecondsOf,
  priceOf,
  type RunLimits,
  type ShardmillError,
  type ShardRecord,
  workOf,
} from '@shardmill/core';
import { checkLimits, type JobRules, timeLeftMs } from '@shardmill/scheduler';

export interface LimitWatchOptions {
  readonly limits: RunLimits;
  readonly pool: string;
  readonly prices: JobRules['prices'];
  /** Shards of the plan. */
  readonly shards: number;
  /** Is called with what stops the run. */
  readonly stop: (error: ShardmillError) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Holds the limits of a local run from the moment that this is made. */
export class LimitWatch {
  readonly #since: number;
  #workerSeconds = 0;
  #shardsLeft: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(readonly options: LimitWatchOptions) {
    this.#since = options.now();
    this.#shardsLeft = options.shards;
    this.#watchTime();
  }

  /** Counts a shard that is done, now or by an earlier start. */
  done(record: ShardRecord): void {
    this.#workerSeconds += allSecondsOf(workOf(record));
    this.#shardsLeft--;
    this.#check();
  }

  /** A shard that failed for good is not waited for. */
  failed(): void {
    this.#shardsLeft--;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** With nothing left to be done, there is nothing to be stopped. */
  #check(): void {
    const { limits, prices, pool, stop, now } = this.options;
    if (this.#shardsLeft <= 0) return;
    const error = checkLimits({
      limits,
      since: this.#since,
      now: now(),
      workerSeconds: this.#workerSeconds,
      pricePerHour: priceOf(prices, pool),
    });
    if (error !== undefined) stop(error);
  }

  #watchTime(): void {
    const { limits, now } = this.options;
    const leftMs = timeLeftMs(limits, this.#since, now());
    if (leftMs === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(
      () => {
        this.#check();
        // A timer may fire a little early.
        if (timeLeftMs(limits, this.#since, now()) > 0) this.#watchTime();
      },
      Math.max(1, leftMs),
    );
  }
}
