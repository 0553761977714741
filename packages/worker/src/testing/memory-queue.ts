import type { ShardOutcome } from '@shardmill/queue';
import { InProcessShardQueue, type QueuedShard } from '@shardmill/queue/in-process';

/** What became of a shard each time that a worker had it. */
export interface Outcome {
  readonly shard: number;
  readonly outcome: ShardOutcome;
}

/** A queue in this process that remembers outcomes; what is to come back comes at once. */
export class MemoryQueue extends InProcessShardQueue {
  readonly outcomes: Outcome[] = [];

  /** What became of a shard, in order. */
  of(shard: number): ShardOutcome['kind'][] {
    return this.outcomes.filter((one) => one.shard === shard).map(({ outcome }) => outcome.kind);
  }

  override settle(queued: QueuedShard, outcome: ShardOutcome): void {
    this.outcomes.push({ shard: queued.message.shard, outcome });
    super.settle(queued, outcome.kind === 'again' ? { ...outcome, delayMs: 0 } : outcome);
  }
}
