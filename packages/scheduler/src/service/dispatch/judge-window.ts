import type { QueuedState } from '@shardmill/queue';

/** What the queue's answer about the shards of a window calls for. */
export interface WindowVerdict {
  /** In the queue, as they should be. */
  readonly there: readonly number[];
  /** Those of them that wait for their next attempt. */
  readonly delayed: readonly number[];
  /** Not in the queue: the store knows whether they are done, failed or lost. */
  readonly absent: readonly number[];
  /** Given up by the queue. */
  readonly stalled: readonly number[];
}

export function judgeWindow(
  shards: readonly number[],
  states: readonly QueuedState[],
): WindowVerdict {
  const there: number[] = [];
  const absent: number[] = [];
  const stalled: number[] = [];
  const delayed: number[] = [];
  for (const [index, shard] of shards.entries()) {
    const state = states[index] ?? 'absent';
    switch (state) {
      case 'delayed':
        delayed.push(shard);
        there.push(shard);
        break;
      case 'waiting':
      case 'active':
        there.push(shard);
        break;
      case 'absent':
        absent.push(shard);
        break;
      case 'stalled':
        stalled.push(shard);
        break;
      default: {
        const unknown: never = state;
        throw new RangeError(`unknown state ${String(unknown)}`);
      }
    }
  }
  return { there, delayed, absent, stalled };
}

/** More shards than this are not put beside those that wait for their next attempt. */
const DELAYED_BESIDE = 256;

/**
 * How many shards to add to the queue. Those that wait for their next attempt do not count, up to
 * a limit, so that workers are not idle beside them.
 * @param share what the run may have in the queue.
 */
export function roomInWindow(share: number, inQueue: number, delayed: number): number {
  const ready = inQueue - delayed;
  return Math.max(0, Math.min(share - ready, share + DELAYED_BESIDE - inQueue));
}
