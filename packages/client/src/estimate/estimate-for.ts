import { type Plan, priceOf, type Prices, type Stores } from '@shardmill/core';
import { jobRules } from '../config/connection-options.js';
import type { Fleet } from '../fleet/fleet.js';
import { estimateRun, type RunEstimate } from './estimate-run.js';
import { pastRunsHere, pastRunsOfFleet } from './past-runs.js';

/** What a plan will take and cost on this machine, as one worker. @throws STORE_… */
export async function estimateHere(
  stores: Stores,
  plan: Plan,
  price: { readonly prices: Prices | undefined; readonly pool: string },
): Promise<RunEstimate | null> {
  return estimateRun({
    ...plan.totals,
    pastRuns: await pastRunsHere(stores, plan),
    workers: 1,
    pricePerWorkerHour: priceOf(price.prices, price.pool),
  });
}

/** What a plan will take and cost with the workers that a pool has now. @throws STORE_… */
export async function estimateInFleet(
  fleet: Fleet,
  plan: Plan,
  pool: string,
): Promise<RunEstimate | null> {
  const [pastRuns, workers] = await Promise.all([
    pastRunsOfFleet(fleet, plan, pool),
    workersOf(fleet, pool),
  ]);
  const pricePerWorkerHour = priceOf(jobRules(fleet.settings).prices, pool);
  return estimateRun({ ...plan.totals, pastRuns, workers, pricePerWorkerHour });
}

/** Workers that take shards; undefined where Redis does not answer. */
async function workersOf(fleet: Fleet, pool: string): Promise<number | undefined> {
  try {
    return (await fleet.processes()).filter(
      (process) => process.kind === 'worker' && process.pool === pool && process.state === 'taking',
    ).length;
  } catch {
    return undefined;
  }
}
