import {
  FileStore,
  type Job,
  type JobDefinition,
  newRunId,
  type ObjectStore,
  type Plan,
  Stores,
} from '@shardmill/core';
import { findFailure, findRecord, plannedShards } from '@shardmill/core/plans';
import { parseJob } from '@shardmill/core/schemas';
import type { RoundFacts, ShardMessage } from '@shardmill/queue';
import {
  beginRun,
  finalizeRun,
  makePlan,
  runLogOf,
  type RunRequest,
  RunRegistry,
  startRun,
} from '@shardmill/scheduler';
import { EngineProcess, type RunLog } from '@shardmill/worker';
import { fillIn } from '@shardmill/client/jobs';
import { usualJob, type Workplace } from './workplace.js';

/** A run with its plan stored, as a scheduler leaves it to workers. */
export interface PlannedRun {
  readonly plan: Plan;
  readonly store: ObjectStore;
  /** One message for each shard, in order. */
  readonly messages: readonly ShardMessage[];
  failure(shard: number): ReturnType<typeof findFailure>;
  record(shard: number): ReturnType<typeof findRecord>;
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
    const request = requestOf(plan, job, jobFile, change.errors?.partTimeout);
    return await published(plan, store, await logged(place.path('state'), request, plan));
  } finally {
    await binder.close();
  }
}

/** What the log of runs at a state location says: what a worker is given. */
export function runLogAt(state: string): RunLog {
  const registry = new RunRegistry(new FileStore(state));
  return runLogOf(registry);
}

function requestOf(plan: Plan, job: Job, jobFile: string, partTimeout: string = '60s'): RunRequest {
  return {
    run: plan.runId,
    submittedAt: plan.createdAt,
    key: null,
    job: {
      ...job,
      errors: { ...job.errors, partTimeout },
      resources: { ...job.resources, lanes: 1 },
    },
    jobFile,
    params: {},
    priority: 50,
    failFast: false,
    submittedBy: 'test',
  };
}

/** Notes the planned run in the log, as schedulers do. */
async function logged(state: string, request: RunRequest, plan: Plan): Promise<RoundFacts> {
  const registry = new RunRegistry(new FileStore(state));
  await registry.submit(request);
  const seen = await registry.find(request.run);
  if (seen === undefined) throw new Error('the run is not there');
  const at = plan.createdAt;
  await registry.append(seen, {
    kind: 'planned',
    at,
    planRun: plan.runId,
    planDigest: plan.digest,
  });
  const facts = await runLogAt(state).facts(request.run);
  if (facts === undefined) throw new Error('the run has no plan');
  return facts;
}

async function published(plan: Plan, store: ObjectStore, facts: RoundFacts): Promise<PlannedRun> {
  const messages: ShardMessage[] = [];
  for await (const { shard, rows } of plannedShards(store, plan)) {
    messages.push({ ...facts, shard, page: 0, rows });
  }
  return {
    plan,
    store,
    messages,
    failure: (shard) => findFailure(store, plan.runId, 0, shard),
    record: (shard) => findRecord(store, plan, shard),
    hasRecord: async (shard) => (await findRecord(store, plan, shard)) !== undefined,
    finalize: () =>
      finalizeRun({ store, plan, maxRejectedRows: 0, now: new Date(), versions: {}, seconds: {} }),
  };
}
