import type { RedisLink } from '../connection/redis-link.js';
import type { QueueScripts } from './queue-scripts.js';
import { Repeat } from './repeat.js';
import type { ShardHand } from './shard-hand.js';

/**
 * Renews the locks of all in-flight shards. It goes by the locks' tokens and not by shards, as
 * BullMQ's own does, which mistakes one for the other where a lost shard comes back to the process
 * that still works on it.
 */
export class LockKeeper {
  readonly #hands = new Set<ShardHand>();
  #repeat: Repeat | undefined;

  constructor(
    readonly link: RedisLink,
    readonly scripts: QueueScripts,
    readonly lockMs: number,
    readonly onLost: (hand: ShardHand) => void,
  ) {}

  start(): void {
    // Often enough that a shard that was taken out of the queue is abandoned soon.
    this.#repeat ??= new Repeat(this.lockMs / 5, () => this.#renewAll());
  }

  keep(hand: ShardHand): void {
    this.#hands.add(hand);
  }

  /** No more renewals: the shard is about to leave our hands. */
  forget(hand: ShardHand): void {
    this.#hands.delete(hand);
  }

  /** @returns whether the shard is still ours. @throws REDIS_UNREACHABLE */
  async renew(hand: ShardHand): Promise<boolean> {
    return (await this.#renew([hand])).size === 0;
  }

  async close(): Promise<void> {
    await this.#repeat?.close();
  }

  async #renewAll(): Promise<void> {
    if (this.#hands.size === 0) return;
    const lost = await this.#renew([...this.#hands]);
    for (const hand of this.#hands) {
      if (!lost.has(hand.token)) continue;
      this.#hands.delete(hand);
      hand.lose();
      this.onLost(hand);
    }
  }

  /** @returns the tokens of those that are lost. */
  async #renew(hands: readonly ShardHand[]): Promise<Set<string>> {
    return new Set(await this.link.run(() => this.scripts.renew(hands, this.lockMs)));
  }
}
