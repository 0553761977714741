import type { RedisLink } from '../connection/redis-link.js';
import type { QueueScripts } from './queue-scripts.js';
import { Repeat } from './repeat.js';
import type { ShardLease } from './shard-lease.js';

/**
 * Renews the locks of all in-flight shards. It goes by the locks' tokens and not by shards, as
 * BullMQ's own does, which mistakes one for the other where a lost shard comes back to the process
 * that still works on it.
 */
export class LockKeeper {
  readonly #leases = new Set<ShardLease>();
  #repeat: Repeat | undefined;

  constructor(
    readonly link: RedisLink,
    readonly scripts: QueueScripts,
    readonly lockMs: number,
    readonly onLost: (lease: ShardLease) => void,
  ) {}

  start(): void {
    // Often enough that a shard that was taken out of the queue is abandoned soon.
    this.#repeat ??= new Repeat(this.lockMs / 5, () => this.#renewAll());
  }

  keep(lease: ShardLease): void {
    this.#leases.add(lease);
  }

  /** No more renewals: the shard is about to leave this worker. */
  forget(lease: ShardLease): void {
    this.#leases.delete(lease);
  }

  /** @returns whether the shard is still ours. @throws REDIS_UNREACHABLE */
  async renew(lease: ShardLease): Promise<boolean> {
    return (await this.#renew([lease])).size === 0;
  }

  async close(): Promise<void> {
    await this.#repeat?.close();
  }

  async #renewAll(): Promise<void> {
    if (this.#leases.size === 0) return;
    const lost = await this.#renew([...this.#leases]);
    for (const lease of this.#leases) {
      if (!lost.has(lease.token)) continue;
      this.#leases.delete(lease);
      lease.lose();
      this.onLost(lease);
    }
  }

  /** @returns the tokens of those that are lost. */
  async #renew(leases: readonly ShardLease[]): Promise<Set<string>> {
    return new Set(await this.link.run(() => this.scripts.renew(leases, this.lockMs)));
  }
}
