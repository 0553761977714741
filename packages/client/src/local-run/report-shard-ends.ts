import { type ErrorRecord, formatDuration, ShardmillError } from '@shardmill/core';
import type { FailedShard } from '@shardmill/scheduler';
import type { ShardEnd } from '@shardmill/worker';
import type { RunTally } from './run-tally.js';

/** Between two notices of what all shards wait for. */
const NOTICE_INTERVAL_MS = 60_000;
/** For so long a store that does not answer is waited for; then the run stops, to be continued. */
const MAX_STORE_OUTAGE_MS = 60 * 60_000;

export interface ShardReportOptions {
  readonly plan: { readonly runId: string; readonly output: string };
  readonly tally: RunTally;
  readonly notice: (message: string) => void;
  /** Is called with what ends the run before its shards have all been tried. */
  readonly stop: (error: ShardmillError) => void;
  /** Milliseconds since any point in time. */
  readonly now: () => number;
}

/** What becomes of shards, as the progress, the notices and the failures of a local run. */
export class ShardReport {
  readonly #failures: FailedShard[] = [];
  /** Since when the store has not answered, for any shard. */
  #storeOutSince: number | undefined;
  #noticedAt = -Infinity;

  constructor(readonly options: ShardReportOptions) {}

  /** Shards that failed for good, by their numbers. */
  get failures(): FailedShard[] {
    return this.#failures.toSorted((a, b) => a.shard - b.shard);
  }

  /** An engine died while a shard was in it, which is scored again at once. */
  startedOver(shard: number, error: ErrorRecord): void {
    this.options.tally.shardStopped(shard);
    this.options.tally.retries++;
    this.#notice(shard, error, 'trying again');
  }

  ended(shard: number, end: ShardEnd): void {
    const { tally, stop } = this.options;
    switch (end.kind) {
      case 'done':
      case 'found':
        tally.shardDone(end.record, false);
        this.#storeOutSince = undefined;
        this.#noticedAt = -Infinity;
        return;
      case 'again':
        tally.shardStopped(shard);
        this.#again(shard, end);
        return;
      case 'failed':
        tally.shardStopped(shard);
        tally.shardsFailed++;
        this.#failures.push({ shard, error: end.error, attempts: end.attempts });
        this.#notice(shard, end.error, 'giving it up');
        return;
      case 'handed-back':
      case 'abandoned':
        tally.shardStopped(shard);
        return;
      case 'refused':
        stop(ShardmillError.fromRecord(end.error));
        return;
      case 'run-gone': {
        const { runId, output } = this.options.plan;
        const message = `the plan of run ${runId} is gone: a later run took its place`;
        stop(
          new ShardmillError('PLAN_MISMATCH', message, {
            where: output,
            remedy:
              'The results there are those of the later run. Run the job again to replace them.',
          }),
        );
        return;
      }
      default: {
        const unknown: never = end;
        return unknown;
      }
    }
  }

  #again(shard: number, end: Extract<ShardEnd, { kind: 'again' }>): void {
    const { error, spent, diskWaitMs } = end;
    if (spent) {
      this.options.tally.retries++;
      this.#notice(shard, error, 'trying again');
      return;
    }
    // All shards wait for the same: one notice for all of them, and one a minute.
    if (diskWaitMs !== undefined) {
      const time = formatDuration(diskWaitMs);
      const what = `waiting for space, ${time} at most: free some, or stop with Ctrl-C and go on later`;
      this.#noticeAtTimes(shard, error, what);
    } else if (error.code === 'STORE_UNREACHABLE') this.#storeOut(shard, error);
  }

  #storeOut(shard: number, error: ErrorRecord): void {
    const { now, stop } = this.options;
    this.#storeOutSince ??= now();
    const leftMs = MAX_STORE_OUTAGE_MS - (now() - this.#storeOutSince);
    if (leftMs <= 0) {
      stop(ShardmillError.fromRecord(error));
      return;
    }
    const time = formatDuration(leftMs);
    const what = `waiting for the store, ${time} at most; Ctrl-C stops, and the run can go on later`;
    this.#noticeAtTimes(shard, error, what);
  }

  #noticeAtTimes(shard: number, error: ErrorRecord, what: string): void {
    const now = this.options.now();
    if (now - this.#noticedAt < NOTICE_INTERVAL_MS) return;
    this.#noticedAt = now;
    this.#notice(shard, error, what);
  }

  #notice(shard: number, { code, message }: ErrorRecord, what: string): void {
    this.options.notice(`shard ${shard}: ${code} ${message}; ${what}`);
  }
}
