import { digestPlan, type ObjectStore, type Plan, priceOf, ShardmillError } from '@shardmill/core';
import { findPlan, findPlanOf } from '@shardmill/core/plans';
import { restoreSuccess } from '../../finalize/announce-success.js';
import {
  commitManifest,
  type FinalizeRequest,
  type PreparedManifest,
  prepareManifest,
} from '../../finalize/finalize-run.js';
import { beginRun } from '../../output/begin-run.js';
import type { RegisteredRun } from '../../state/fold-run.js';
import type { RunEvent } from '../../state/run-event.js';
import { startOf } from '../dispatch/attempt-round.js';
import type { PlanName } from './plan-run.js';
import type { RunContext } from './run-context.js';

export type PlaceContext = Pick<
  RunContext,
  | 'clock'
  | 'versions'
  | 'metrics'
  | 'rules'
  | 'readCheckpoint'
  | 'writeCheckpoint'
  | 'queryProfile'
  | 'history'
  | 'log'
>;

/** A planned run at its output location: what a scheduler does there apart from dispatching. */
export class RunPlace {
  private constructor(
    readonly context: PlaceContext,
    readonly store: ObjectStore,
    readonly plan: Plan,
  ) {}

  /** @returns undefined where the plan is gone. @throws PLAN_MISMATCH where it is another, STORE_… */
  static async find(
    context: PlaceContext,
    store: ObjectStore,
    { planRun, planDigest }: PlanName,
  ): Promise<RunPlace | undefined> {
    const plan = await findPlanOf(store, planRun, planDigest);
    return plan === undefined ? undefined : new RunPlace(context, store, plan);
  }

  /** Takes `_SUCCESS` of earlier runs away, before the first part and whenever it is back. */
  async begin(run: RegisteredRun): Promise<void> {
    await beginRun(this.store, this.plan, startOf(run));
  }

  /** The manifest of the run, checked and not written. @throws as `prepareManifest` */
  async prepare(run: RegisteredRun): Promise<PreparedManifest> {
    const { clock, metrics } = this.context;
    const began = clock.now();
    const prepared = await prepareManifest(this.#request(run));
    metrics.finalized((clock.now() - began) / 1000);
    return prepared;
  }

  /** Writes the manifest and what follows on it. Only for a run whose log says `finalizing`. */
  async commit(run: RegisteredRun, prepared: PreparedManifest): Promise<RunEvent> {
    const { rows } = await commitManifest(this.#request(run), prepared);
    return { kind: 'finished', at: new Date(this.context.clock.now()).toISOString(), rows };
  }

  /** Puts `_SUCCESS` of the finished run back where a late process took it away. */
  async restore(): Promise<void> {
    await restoreSuccess(this.store, this.plan);
  }

  #request(run: RegisteredRun): FinalizeRequest {
    const { clock, versions, rules, readCheckpoint, writeCheckpoint } = this.context;
    const { history, log, queryProfile, metrics } = this.context;
    const { pool } = run.request.job.resources;
    const now = clock.now();
    const wall = (now - Date.parse(run.request.submittedAt)) / 1000;
    return {
      store: this.store,
      plan: this.plan,
      maxRejectedRows: run.maxRejectedRows,
      now: new Date(now),
      versions,
      seconds: { wall: Math.max(0, wall) },
      usage: { pool, pricePerHour: priceOf(rules.prices, pool) },
      readCheckpoint,
      checkpoints: writeCheckpoint && {
        write: writeCheckpoint,
        failed: (message) => log.warn({ run: run.request.run }, message),
      },
      history,
      queryProfile,
      judged: (outcomes) => metrics.judged(outcomes),
      fleetRun: run.request.run,
    };
  }
}

/** The digest of a plan that is stored; undefined where there is none. @throws PLAN_MISMATCH */
export async function digestOfStored(
  store: ObjectStore,
  planRun: string,
): Promise<string | undefined> {
  const plan = await findPlan(store, planRun);
  return plan === undefined ? undefined : digestPlan(plan);
}

export function planGone(planRun: string | null, output: string): ShardmillError {
  const message = `the plan of run ${planRun} is gone: a later run took its place`;
  return new ShardmillError('PLAN_MISMATCH', message, {
    where: output,
    remedy: 'Resume the run, which plans it afresh, or submit it anew.',
  });
}
