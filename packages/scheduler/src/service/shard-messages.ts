import { parseDurationMs } from '@shardmill/core';
import { shardId, type ShardMessage } from '@shardmill/queue';
import { attemptRound } from './attempt-round.js';
import type { DispatchContext } from './dispatch-context.js';
import { PageRows } from './page-rows.js';

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
    const { run, plan } = this.context;
    const { job } = run.request;
    const { batchRows, lanes, threadsPerLane, memoryLimit, executionProviders } = job.resources;
    return {
      run: run.request.run,
      planRun: plan.runId,
      output: plan.scoring.output.uri,
      planDigest: plan.digest,
      shard,
      ...(await this.#pages.factsOf(shard)),
      round: this.round,
      attempts: job.errors.attempts,
      partTimeoutMs: parseDurationMs(job.errors.partTimeout),
      diskFullWaitMs: parseDurationMs(job.errors.diskFullWait),
      resources: { batchRows, lanes, threadsPerLane, memoryLimit, executionProviders },
    };
  }
}
