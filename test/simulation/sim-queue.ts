import {
  type Attempt,
  type QueuedState,
  shardId,
  type ShardMessage,
  type ShardOutcome,
  type ShardQueue,
  type ShardTask,
} from '@shardmill/queue';
import type { SimRedis } from './sim-redis.js';
import type { SimProcess, World } from './world.js';

const LOCK_MS = 10_000;
/** A worker hears within this time that a shard is not its own any more. */
const NOTICE_MS = 3_000;
const MAX_STALLS = 20;

interface Entry {
  readonly message: ShardMessage;
  readonly priority: number;
  failed: readonly Attempt[];
  state: Exclude<QueuedState, 'absent'>;
  /** When a delayed one comes back. */
  due: number;
  stalled: number;
  hand: Hand | undefined;
}

/** A shard in the hands of a worker. */
interface Hand {
  readonly process: SimProcess;
  readonly lost: AbortController;
  /** When the worker was done with it, and could not say so. */
  doneAt: number | undefined;
}

/** What is asked of a worker's answer: see `Invariants.acknowledged`. */
export type OnSettled = (task: ShardTask) => void;

/**
 * A queue that gives each shard to one worker at a time and takes it back from one that dies or is
 * frozen for longer than its lock: at least once, in the order of priority.
 */
export class SimQueue {
  readonly entries = new Map<string, Entry>();
  /** What a broken queue answers instead; see `broken-guards.test.ts`. */
  stateOf: ((state: QueuedState) => QueuedState) | undefined;

  constructor(
    readonly world: World,
    readonly redis: SimRedis,
    readonly pool: string,
    readonly onSettled: OnSettled,
  ) {}

  flush(): void {
    // Dropping takes away from what is gone through, which a Map allows.
    for (const id of this.entries.keys()) this.#drop(id);
  }

  /** For a worker that died or was frozen: its shards come back after the time of the lock. */
  expectLoss(process: SimProcess): void {
    const holds = [...this.entries.values()].some(({ hand }) => hand?.process === process);
    if (holds) this.world.wakeAt(this.world.now + LOCK_MS + 1);
  }

  /** The queue as a scheduler sees it. */
  producer(process: SimProcess): ShardQueue {
    const ask = <T>(label: string, effect: () => T): Promise<T> =>
      this.world.op(process, `queue ${label}`, () => {
        this.redis.reach();
        this.#expire();
        return effect();
      });
    return {
      pool: this.pool,
      add: (messages, priority) =>
        ask(`add ${messages.map(({ run, shard }) => `${run}:${shard}`).join(' ')}`, () => {
          for (const message of messages) this.#add(message, priority);
        }),
      states: (ids) =>
        ask(`states ${ids.join(' ')}`, () =>
          ids.map((id) => {
            const state = this.entries.get(id)?.state ?? 'absent';
            return this.stateOf?.(state) ?? state;
          }),
        ),
      remove: (ids) =>
        ask('remove', () => {
          for (const id of ids) this.#drop(id);
        }),
      counts: async () => ({ waiting: 0, active: 0, delayed: 0 }),
      close: async () => {},
    };
  }

  /** A shard for a worker, as soon as there is one; undefined when it wants none any more. */
  take(process: SimProcess, stop: AbortSignal): Promise<ShardTask | undefined> {
    return this.world.op(
      process,
      'queue take',
      () => {
        if (stop.aborted) return undefined;
        const entry = this.#next();
        if (entry === undefined) throw new Error('taken without a shard');
        const hand: Hand = { process, lost: new AbortController(), doneAt: undefined };
        entry.hand = hand;
        entry.state = 'active';
        const { message, failed } = entry;
        return { id: shardId(message), message, failed, signal: hand.lost.signal };
      },
      { isReady: () => stop.aborted || (!this.redis.isAway && this.#next() !== undefined) },
    );
  }

  /** Reports what became of a shard; without effect where the worker has lost it. */
  finish(process: SimProcess, task: ShardTask, outcome: ShardOutcome): Promise<void> {
    return this.world.op(process, `queue ${outcome.kind} ${task.id}`, () => {
      if (!this.redis.isAway) this.#expire();
      const entry = this.entries.get(task.id);
      if (entry?.hand === undefined || entry.hand.lost.signal !== task.signal) return;
      if (this.redis.isAway) {
        entry.hand.doneAt = this.world.now;
        this.world.wakeAt(this.world.now + LOCK_MS + 1);
        return;
      }
      entry.hand = undefined;
      switch (outcome.kind) {
        case 'settled':
          this.onSettled(task);
          this.entries.delete(task.id);
          return;
        case 'refused':
          this.entries.delete(task.id);
          return;
        case 'handed-back':
          entry.state = 'waiting';
          return;
        case 'again':
          entry.state = 'delayed';
          entry.failed = outcome.failed;
          entry.due = this.world.now + outcome.delayMs;
          this.world.wakeAt(entry.due);
          return;
        default: {
          const unknown: never = outcome;
          throw new Error(`unknown outcome ${String(unknown)}`);
        }
      }
    });
  }

  #add(message: ShardMessage, priority: number): void {
    const id = shardId(message);
    if (this.entries.has(id)) return;
    const state = 'waiting';
    this.entries.set(id, {
      message,
      priority,
      failed: [],
      state,
      due: 0,
      stalled: 0,
      hand: undefined,
    });
  }

  #next(): Entry | undefined {
    this.#expire();
    const waiting = [...this.entries.values()].filter(({ state }) => state === 'waiting');
    return waiting.toSorted((a, b) => b.priority - a.priority)[0];
  }

  /** Queues again what workers have lost, and delayed shards whose time has come. */
  #expire(): void {
    const { now } = this.world;
    for (const entry of this.entries.values()) {
      if (entry.state === 'delayed' && entry.due <= now) entry.state = 'waiting';
      const { hand } = entry;
      if (hand === undefined) continue;
      const { diedAt, frozenAt, thawsAt } = hand.process;
      const frozen = frozenAt !== undefined && thawsAt > now ? frozenAt : now;
      const silentSince = Math.min(diedAt ?? now, hand.doneAt ?? now, frozen);
      if (now - silentSince <= LOCK_MS) continue;
      this.#notify(hand);
      entry.hand = undefined;
      entry.stalled++;
      entry.state = entry.stalled > MAX_STALLS ? 'stalled' : 'waiting';
    }
  }

  #drop(id: string): void {
    const hand = this.entries.get(id)?.hand;
    if (hand !== undefined) this.#notify(hand);
    this.entries.delete(id);
  }

  /** The worker hears of it a little later, or when it thaws. */
  #notify({ process, lost }: Hand): void {
    const due = this.world.now + this.world.random() * NOTICE_MS;
    void this.world.op(process, 'hears that a shard is lost', () => lost.abort(), {
      due,
      inside: true,
    });
  }
}
