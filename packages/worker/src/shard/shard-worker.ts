import type { ShardOutcome, ShardTask } from '@shardmill/queue';
import type { ShardWorkerContext } from './shard-worker-context.js';
import { SharedTime } from './shared-time.js';
import { ShardAttempt } from './work-shard.js';

/**
 * What a worker does with a shard from the queue. The record is written before the shard is
 * settled, and a record, a part or a failure that is there already is left as it is; so any number
 * of workers may work one shard, and any of them may stop anywhere.
 */
export class ShardWorker {
  /** Times in a row that a store did not answer, by output location. */
  readonly #storeFailures = new Map<string, number>();
  /** Since when the disk is full for a round of a run. */
  readonly #fullSince = new Map<string, number>();

  readonly #time: SharedTime;
  readonly #begun = new Map<ShardTask, () => number>();

  constructor(readonly context: ShardWorkerContext) {
    this.#time = new SharedTime(context.now);
  }

  /**
   * @param drop aborted when this worker has to release the shard: it is handed back at once.
   * @returns what becomes of the shard in the queue. @throws nothing
   */
  async work(task: ShardTask, drop: AbortSignal): Promise<ShardOutcome> {
    const time = this.#time.begin();
    const attempt = new ShardAttempt(this.context, task, drop, time.seconds);
    this.#begun.set(task, time.seconds);
    const { outcome, end } = await attempt.run(this.#storeFailures, this.#fullSince);
    const unfinishedSeconds = attempt.unfinished();
    this.#begun.delete(task);
    time.end();
    this.context.onEnd(task, end);
    return withTime(outcome, unfinishedSeconds);
  }

  /** The share of an in-flight shard in the time of this worker so far, in seconds. */
  secondsOf(task: ShardTask): number {
    return this.#begun.get(task)?.() ?? 0;
  }
}

/** The time goes with a shard that comes back: the worker that finishes it notes it. */
function withTime(outcome: ShardOutcome, unfinishedSeconds: number): ShardOutcome {
  const comesBack = outcome.kind === 'again' || outcome.kind === 'handed-back';
  return comesBack && unfinishedSeconds > 0 ? { ...outcome, unfinishedSeconds } : outcome;
}
