import { type Prices, priceOf, type Stores } from '@shardmill/core';
import { findPlan } from '@shardmill/core/plans';
import type { RunView } from '@shardmill/queue';
import { outputOf } from '../../state/output-of.js';
import type { RunRegistry } from '../../state/run-registry.js';
import { inputWaitOf } from '../../wait/input-wait.js';
import { attemptRound } from './attempt-round.js';
import { listFailures, listRecords } from './list-shards.js';
import { findManifest } from '../../output/read-location.js';
import { makeView, NOTHING_IN_HAND } from '../view/make-view.js';
import { ShardLedger } from './shard-ledger.js';
import { ShardOutcomes } from './shard-outcomes.js';

/** Records that are read for their rows; the other shards count as much as these on average. */
const RECORDS_READ = 1_000;

/**
 * The state of a run by its objects, without Redis: in-flight shards are not in it, and neither
 * are retries. Rows and time are estimated from the first thousand shards where more are done.
 * @param idOrPrefix as `RunRegistry.resolve` takes it.
 * @throws RUN_NOT_FOUND, USAGE, PLAN_MISMATCH, STORE_…
 */
export async function statusOf(
  registry: RunRegistry,
  stores: Pick<Stores, 'open'>,
  idOrPrefix: string,
  now: Date = new Date(),
  prices?: Prices,
): Promise<RunView> {
  const run = await registry.resolve(idOrPrefix);
  const output = outputOf(run.request);
  const store = stores.open(output);
  const plan = run.planRun === null ? undefined : await findPlan(store, run.planRun);
  const facts = {
    run,
    output,
    totals: plan?.totals ?? null,
    activity: null,
    inFlight: NOTHING_IN_HAND,
    retries: 0,
    memory: null,
    notice: null,
    pricePerHour: priceOf(prices, run.request.job.resources.pool),
    inputWait: inputWaitOf({ ...run, job: run.request.job }),
    now: now.getTime(),
  };
  if (plan === undefined) return makeView({ ...facts, shards: null });
  if (run.phase === 'finished') {
    const usage = (await findManifest(store, plan.runId))?.usage ?? null;
    return { ...makeView({ ...facts, shards: null }), usage };
  }
  const ledger = new ShardLedger(plan.totals.shards);
  const round = attemptRound(run);
  for await (const shard of listFailures(store, plan.runId, round)) ledger.seeFailed(shard);
  for await (const shard of listRecords(store, plan.runId)) ledger.seeDone(shard);
  const outcomes = new ShardOutcomes(store, plan, round, ledger);
  await outcomes.countAll(ledger.someUncounted(RECORDS_READ));
  await outcomes.readFailedTimes();
  return makeView({ ...facts, shards: ledger.counts });
}
