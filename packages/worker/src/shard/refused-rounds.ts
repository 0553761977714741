import { unreachable } from '@shardmill/core';
import { type RoundRefusal, roundName, type ShardMessage } from '@shardmill/queue';
import type { ShardEnd } from './shard-worker-context.js';

const MAX_ROUNDS = 16;
const MAX_REASON_CHARS = 500;

/**
 * Rounds of runs whose shards this worker refuses, for its presence: where all workers of a pool
 * refuse a run, its scheduler ends it.
 */
export class RefusedRounds {
  /** The latest last. */
  readonly #refusals = new Map<string, RoundRefusal>();

  /** Notes how a shard ended: one that is not refused makes earlier refusals of its round void. */
  ended(message: ShardMessage, end: ShardEnd): void {
    const round = roundName(message);
    switch (end.kind) {
      case 'refused': {
        const { code, message: reason } = end.error;
        this.refused(round, code === 'LOCATION_FORBIDDEN' ? code : 'MESSAGE_REFUSED', reason);
        return;
      }
      case 'done':
      case 'found':
      case 'failed':
      case 'again':
      case 'run-gone':
        this.#refusals.delete(round);
        return;
      case 'handed-back':
      case 'abandoned':
        return;
      default:
        return unreachable(end, 'end');
    }
  }

  refused(round: string, code: RoundRefusal['code'], reason: string): void {
    const shards = (this.#refusals.get(round)?.shards ?? 0) + 1;
    this.#refusals.delete(round);
    this.#refusals.set(round, { round, shards, code, reason: reason.slice(0, MAX_REASON_CHARS) });
    for (const oldest of this.#refusals.keys()) {
      if (this.#refusals.size <= MAX_ROUNDS) break;
      this.#refusals.delete(oldest);
    }
  }

  /** The latest first. */
  list(): RoundRefusal[] {
    return [...this.#refusals.values()].toReversed();
  }
}
