import { allSecondsOf, mapConcurrent, type ObjectStore, type Plan, workOf } from '@shardmill/core';
import { findRecord } from '@shardmill/core/plans';

const CONCURRENT_REQUESTS = 16;
const READ_AT_ONCE = 64;

/** Numbers of shards; `add` says whether one is new. */
export interface SeenShards {
  has(shard: number): boolean;
  add(shard: number): boolean;
}

/**
 * The worker time of a run, by its shard records: what events of Redis say is not trusted with the
 * end of a run. A scheduler that comes later reads the same records, and so comes to the same sum.
 */
export class CostMeter {
  /** Of all records that were read, with the attempts that they note. */
  workerSeconds = 0;
  /** Records that were read. */
  records = 0;
  /** Whether a call of `read` has not ended. */
  reading = false;

  constructor(
    readonly store: ObjectStore,
    readonly plan: Plan,
    /** Shards whose records were read; empty at first. */
    readonly seen: SeenShards,
  ) {}

  /**
   * Reads the records of shards that are done, each once; one call at a time.
   * @returns whether any were there. @throws STORE_…, PLAN_MISMATCH
   */
  async read(done: Iterable<number>): Promise<boolean> {
    const before = this.records;
    const news: number[] = [];
    for (const shard of done) if (!this.seen.has(shard)) news.push(shard);
    this.reading = true;
    try {
      for (let from = 0; from < news.length; from += READ_AT_ONCE) {
        const some = news.slice(from, from + READ_AT_ONCE);
        await mapConcurrent(some, CONCURRENT_REQUESTS, (shard) => this.#readOne(shard));
      }
    } finally {
      this.reading = false;
    }
    return this.records > before;
  }

  async #readOne(shard: number): Promise<void> {
    // A shard that was reported done by mistake has none.
    const record = await findRecord(this.store, this.plan, shard);
    if (record === undefined || !this.seen.add(shard)) return;
    this.records++;
    this.workerSeconds += allSecondsOf(workOf(record));
  }
}
