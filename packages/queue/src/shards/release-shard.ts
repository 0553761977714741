import { setTimeout as sleep } from 'node:timers/promises';
import { Job } from 'bullmq';
import { reconnectDelayMs } from '../connection/connect-redis.js';
import type { ShardOutcome } from './shard-consumer.js';
import { type BullQueue, KEPT_FAILED } from './bull-queue.js';
import type { LockKeeper } from './lock-keeper.js';
import { keepRefused } from './refused-messages.js';
import type { QueueScripts } from './queue-scripts.js';
import type { ShardLease } from './shard-lease.js';
import { encodeShard } from './stored-shard.js';
import { type QueuedShard, withTime } from './shard-message.js';

/** For how long the outcome of a shard is sent to Redis again; after that, its lock runs out. */
const RETRY_MS = { going: 30_000, stopping: 3_000 };

/** Gives shards back to the queue, or takes them out: by one script each, under its lock. */
export class ShardRelease {
  constructor(
    readonly bull: BullQueue,
    /** What BullMQ has no script for. */
    readonly own: Pick<QueueScripts, 'setData'>,
    readonly keeper: LockKeeper,
    /** Where messages that were refused are kept. */
    readonly refusedKey: string,
    /** Aborted when the worker stops: from then on, tries go on only for `RETRY_MS.stopping`. */
    readonly stop: AbortSignal,
  ) {}

  /** @returns false where the shard was not ours any more. @throws what Redis said, after a while */
  async release(lease: ShardLease, outcome: ShardOutcome, shard: QueuedShard): Promise<boolean> {
    return this.#untilAccepted(lease, () => this.#send(lease, outcome, shard));
  }

  /** Keeps the shard as failed, for the schedulers to see: no worker is to try it any more. */
  async giveUp(lease: ShardLease, reason: string): Promise<boolean> {
    const { id, token } = lease;
    return this.#untilAccepted(lease, async () => {
      await this.bull.scripts.moveToFailed(this.#job(id), reason, KEPT_FAILED, token, false);
    });
  }

  async #send({ id, token }: ShardLease, outcome: ShardOutcome, shard: QueuedShard): Promise<void> {
    const { scripts, link } = this.bull;
    switch (outcome.kind) {
      case 'refused': {
        const data = JSON.stringify(encodeShard(shard));
        await keepRefused(link, this.refusedKey, { id, reason: outcome.reason, data });
        await scripts.moveToCompleted(this.#job(id), null, true, token, false);
        return;
      }
      case 'settled':
        await scripts.moveToCompleted(this.#job(id), null, true, token, false);
        return;
      case 'handed-back': {
        if (outcome.unfinishedSeconds !== undefined) {
          const data = JSON.stringify(encodeShard(withTime(shard, outcome)));
          // A Redis without memory for it takes the shard all the same.
          await this.own.setData({ id, token }, data).catch(() => {});
        }
        // BullMQ puts it in front of its like, but wakes no worker where it has a priority.
        await Promise.all([
          scripts.moveJobFromActiveToWait(id, token),
          this.bull.wake().catch(() => {}),
        ]);
        return;
      }
      case 'again': {
        const { failed } = outcome;
        const data = JSON.stringify(encodeShard({ ...withTime(shard, outcome), failed }));
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

  async #untilAccepted(lease: ShardLease, send: () => Promise<void>): Promise<boolean> {
    this.keeper.forget(lease);
    const begun = Date.now();
    for (let tries = 1; !lease.lost; tries++) {
      try {
        await this.bull.link.ready();
        await send();
        return true;
      } catch (error) {
        const why = refusal(error);
        if (why === 'not-ours') return false;
        // The lock ran out, perhaps while Redis was away. Another worker need not have the shard.
        if (why === 'lock-missing' && !(await this.#renewed(lease))) return false;
        const retryMs = this.stop.aborted ? RETRY_MS.stopping : RETRY_MS.going;
        if (Date.now() - begun > retryMs) throw error;
        await sleep(reconnectDelayMs(tries, Math.random()));
      }
    }
    return false;
  }

  /** True also where Redis does not answer: the next try shows whether the lock is held. */
  async #renewed(lease: ShardLease): Promise<boolean> {
    return this.keeper.renew(lease).catch(() => true);
  }

  #job(id: string): Job {
    return new Job(this.bull.queue, 'shard', null, {}, id);
  }
}

/** BullMQ's scripts return this where there is no lock; every refusal is below zero. */
const LOCK_MISSING = -2;

/** Why a script refused; undefined where the command failed before the script could answer. */
function refusal(error: unknown): 'lock-missing' | 'not-ours' | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'number' || code >= 0) return undefined;
  return code === LOCK_MISSING ? 'lock-missing' : 'not-ours';
}
