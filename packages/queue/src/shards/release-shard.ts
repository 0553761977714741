import { setTimeout as sleep } from 'node:timers/promises';
import { Job } from 'bullmq';
import { reconnectDelayMs } from '../connection/connect-redis.js';
import type { ShardOutcome } from './shard-consumer.js';
import { type BullQueue, KEPT_FAILED } from './bull-queue.js';
import type { LockKeeper } from './lock-keeper.js';
import { keepRefused } from './refused-messages.js';
import type { ShardHand } from './shard-hand.js';
import { encodeShard, type QueuedShard } from './stored-shard.js';

/** So long it is tried to tell Redis what became of a shard; after that, its lock runs out. */
const PATIENCE_MS = { going: 30_000, stopping: 3_000 };

/** Gives shards back to the queue, or takes them out: by one script each, under the hand's lock. */
export class ShardRelease {
  constructor(
    readonly bull: BullQueue,
    readonly keeper: LockKeeper,
    /** Where messages that were refused are kept. */
    readonly refusedKey: string,
    /** Aborted when there is no more time for patience. */
    readonly stop: AbortSignal,
  ) {}

  /** @returns false where the shard was not ours any more. @throws what Redis said, after a while */
  async release(hand: ShardHand, outcome: ShardOutcome, shard: QueuedShard): Promise<boolean> {
    return this.#untilHeard(hand, () => this.#tell(hand, outcome, shard));
  }

  /** Keeps it, for the schedulers to see, as one that nobody is to try any more. */
  async giveUp(hand: ShardHand, reason: string): Promise<boolean> {
    const { id, token } = hand;
    return this.#untilHeard(hand, async () => {
      await this.bull.scripts.moveToFailed(this.#job(id), reason, KEPT_FAILED, token, false);
    });
  }

  async #tell(
    { id, token }: ShardHand,
    outcome: ShardOutcome,
    { message, failed }: QueuedShard,
  ): Promise<void> {
    const { scripts, link } = this.bull;
    switch (outcome.kind) {
      case 'refused': {
        const data = JSON.stringify(encodeShard({ message, failed }));
        await keepRefused(link, this.refusedKey, { id, reason: outcome.reason, data });
        await scripts.moveToCompleted(this.#job(id), null, true, token, false);
        return;
      }
      case 'settled':
        await scripts.moveToCompleted(this.#job(id), null, true, token, false);
        return;
      case 'handed-back':
        // BullMQ puts it in front of its like, but wakes nobody where it has a priority.
        await Promise.all([
          scripts.moveJobFromActiveToWait(id, token),
          this.bull.wake().catch(() => {}),
        ]);
        return;
      case 'again': {
        const data = JSON.stringify(encodeShard({ message, failed: outcome.failed }));
        await scripts.moveToDelayed(id, Date.now(), outcome.delayMs, token, {
          skipAttempt: true,
          fieldsToUpdate: { data },
        });
        return;
      }
      default: {
        const unknown: never = outcome;
        throw new Error(`no such outcome: ${JSON.stringify(unknown)}`);
      }
    }
  }

  async #untilHeard(hand: ShardHand, tell: () => Promise<void>): Promise<boolean> {
    this.keeper.forget(hand);
    const begun = Date.now();
    for (let tries = 1; !hand.lost; tries++) {
      try {
        await this.bull.link.ready();
        await tell();
        return true;
      } catch (error) {
        const why = refusal(error);
        if (why === 'not-ours') return false;
        // It ran out, while Redis was away perhaps. Nobody else need have the shard for that.
        if (why === 'lock-missing' && !(await this.#renewed(hand))) return false;
        const patience = this.stop.aborted ? PATIENCE_MS.stopping : PATIENCE_MS.going;
        if (Date.now() - begun > patience) throw error;
        await sleep(reconnectDelayMs(tries, Math.random()));
      }
    }
    return false;
  }

  /** Where it cannot be told now, it will be the next time. */
  async #renewed(hand: ShardHand): Promise<boolean> {
    return this.keeper.renew(hand).catch(() => true);
  }

  #job(id: string): Job {
    return new Job(this.bull.queue, 'shard', null, {}, id);
  }
}

/** What one of BullMQ's scripts answers where there is no lock; every such answer is below zero. */
const LOCK_MISSING = -2;

/** Why a script refused; undefined where it did not, but failed on the way. */
function refusal(error: unknown): 'lock-missing' | 'not-ours' | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'number' || code >= 0) return undefined;
  return code === LOCK_MISSING ? 'lock-missing' : 'not-ours';
}
