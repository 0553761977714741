import { type JobDefinition, newRunId, type ObjectStore, type Plan, Stores } from '@shardmill/core';
import { findFailure, findRecord, plannedShards } from '@shardmill/core/plans';
import { parseJob } from '@shardmill/core/schemas';
import type { ShardMessage } from '@shardmill/queue';
import { beginRun, finalizeRun, makePlan, startRun } from '@shardmill/scheduler';
import { EngineProcess } from '@shardmill/worker';
import { fillIn } from '../../packages/cli/dist/prepare-job.js';
import { usualJob, type Workplace } from './workplace.js';

/** A run with its plan stored, as a scheduler leaves it to workers. */
export interface PlannedRun {
  readonly plan: Plan;
  readonly store: ObjectStore;
  /** One message for each shard, in order. */
  readonly messages: readonly ShardMessage[];
  failure(shard: number): ReturnType<typeof findFailure>;
  hasRecord(shard: number): Promise<boolean>;
  /** Checks that every row is accounted for, and finishes the run. */
  finalize(): ReturnType<typeof finalizeRun>;
}

/** Plans the usual job with these keys in place of its own. */
export async function planRun(
  place: Workplace,
  change: Partial<JobDefinition> = {},
): Promise<PlannedRun> {
  const definition = { ...usualJob, ...change };
  const file = place.path('job.json');
  const loaded = { definition, job: parseJob(definition, file), file };
  const { job, jobFile, params } = fillIn(loaded, {}, place.path(), new Date());
  const stores = new Stores();
  const binder = EngineProcess.start({ cacheFolder: place.path('cache') });
  try {
    const now = new Date();
    const runId = newRunId(now);
    const made = await makePlan({ job, jobFile, params, runId, now, binder, stores });
    const store = stores.open(made.plan.scoring.output.uri);
    const { plan } = await startRun(store, made);
    await beginRun(store, plan, runId);
    return await published(plan, store, job.errors.attempts);
  } finally {
    await binder.close();
  }
}

async function published(plan: Plan, store: ObjectStore, attempts: number): Promise<PlannedRun> {
  const messages: ShardMessage[] = [];
  for await (const { shard, rows } of plannedShards(store, plan)) {
    messages.push({
      run: plan.runId,
      planRun: plan.runId,
      output: store.uri,
      planDigest: plan.digest,
      shard,
      page: 0,
      rows,
      round: 0,
      attempts,
      partTimeoutMs: 60_000,
      diskFullWaitMs: 600_000,
      resources: { lanes: 1 },
    });
  }
  return {
    plan,
    store,
    messages,
    failure: (shard) => findFailure(store, plan.runId, 0, shard),
    hasRecord: async (shard) => (await findRecord(store, plan, shard)) !== undefined,
    finalize: () =>
      finalizeRun({ store, plan, maxRejectedRows: 0, now: new Date(), versions: {}, seconds: {} }),
  };
}
