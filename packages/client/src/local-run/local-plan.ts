import {
  type ObjectStore,
  type Plan,
  type PlannedShard,
  planKey,
  type ShardRecord,
} from '@shardmill/core';
import { findRecord } from '@shardmill/core/plans';
import type { RoundFacts, ShardMessage } from '@shardmill/queue';
import type { FoundShard, PlanSource } from '@shardmill/worker';

/** The plan of a local run, which this process has made or loaded. */
export class LocalPlan implements PlanSource {
  /** Shards that are in the queue. */
  readonly #shards = new Map<number, PlannedShard>();

  constructor(
    readonly store: ObjectStore,
    readonly plan: Plan,
  ) {}

  /** Messages for shards as they come, each of which is kept until `forget`. */
  async *messages(
    facts: RoundFacts,
    shards: AsyncIterable<PlannedShard>,
  ): AsyncGenerator<ShardMessage> {
    for await (const shard of shards) {
      this.#shards.set(shard.shard, shard);
      const rows = shard.parts.reduce((sum, part) => sum + part.rows, 0);
      // `find` needs no page: the shard is here.
      yield { ...facts, shard: shard.shard, page: 0, rows };
    }
  }

  forget(shard: number): void {
    this.#shards.delete(shard);
  }

  async find({ shard }: ShardMessage): Promise<FoundShard | undefined> {
    const planned = this.#shards.get(shard);
    return planned === undefined ? undefined : { plan: this.plan, shard: planned };
  }

  async exists({ planRun }: ShardMessage): Promise<boolean> {
    return (await this.store.head(planKey(planRun))) !== undefined;
  }

  findRecord({ planRun, shard }: ShardMessage): Promise<ShardRecord | undefined> {
    return findRecord(this.store, { runId: planRun }, shard);
  }
}
