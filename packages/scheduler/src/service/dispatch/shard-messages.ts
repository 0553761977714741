import { shardId, type ShardMessage } from '@shardmill/queue';
import { attemptRound } from './attempt-round.js';
import type { DispatchContext } from './dispatch-context.js';
import { PageRows } from './page-rows.js';
import { roundFacts } from './round-facts.js';

/** What the queue holds of the shards of one round of a run. */
export class ShardMessages {
  readonly round: number;
  readonly #pages: PageRows;

  constructor(readonly context: Pick<DispatchContext, 'run' | 'plan' | 'store'>) {
    this.round = attemptRound(context.run);
    this.#pages = new PageRows(context.store, context.plan);
  }

  idsOf(shards: Iterable<number>): string[] {
    const planRun = this.context.plan.runId;
    return Array.from(shards, (shard) => shardId({ planRun, round: this.round, shard }));
  }

  /** @throws PLAN_MISMATCH, STORE_… */
  async of(shards: readonly number[]): Promise<ShardMessage[]> {
    const messages: ShardMessage[] = [];
    for (const shard of shards) messages.push(await this.#of(shard));
    return messages;
  }

  async #of(shard: number): Promise<ShardMessage> {
    const facts = roundFacts(this.context.run);
    if (facts === undefined) throw new RangeError('the run has no plan');
    return { ...facts, shard, ...(await this.#pages.factsOf(shard)) };
  }
}
