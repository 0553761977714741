import {
  type ErrorCode,
  type ErrorRecord,
  type Manifest,
  manifestKey,
  type Plan,
  ShardmillError,
} from '@shardmill/core';
import { findPlan } from '@shardmill/core/plans';
import { findManifest, type RegisteredRun } from '@shardmill/scheduler';
import type { Fleet } from '@shardmill/client/fleet';

/** A run of a fleet that finished. */
export interface FinishedRun {
  readonly runId: string;
  /** The output location. */
  readonly output: string;
  readonly manifest: Manifest;
  readonly manifestPath: string;
  /** Undefined where it is not there any more. */
  readonly plan: Plan | undefined;
  /** From its submission to its end. */
  readonly elapsedMs: number;
  /** Whether it went on with the plan and the parts of an earlier run. */
  readonly resumed: boolean;
}

/**
 * How a run ended.
 * @returns what a finished run wrote.
 * @throws the error of a failed run; RUN_CANCELLED; RUN_SKIPPED
 */
export async function endOfRun(fleet: Fleet, run: RegisteredRun): Promise<FinishedRun> {
  const id = run.request.run;
  switch (run.phase) {
    case 'finished':
      return finishedRun(fleet, run);
    case 'failed':
      throw failedError(id, run.error);
    case 'cancelled':
      throw new ShardmillError('RUN_CANCELLED', `run ${id} was cancelled`, {
        remedy: `Go on with \`shardmill resume ${id}\`: parts that are done are kept.`,
      });
    case 'skipped':
      throw skippedError(id, run.error);
    case 'waiting':
    case 'submitted':
    case 'running':
    case 'finalizing':
    case 'cancelling':
      throw new ShardmillError('RUN_STATE', `run ${id} has not ended: it is ${run.phase}`);
    default: {
      const unknown: never = run.phase;
      return unknown;
    }
  }
}

async function finishedRun(fleet: Fleet, run: RegisteredRun): Promise<FinishedRun> {
  const { request, endedAt } = run;
  const planRun = run.planRun ?? request.run;
  const store = fleet.stores.open(request.job.output.uri);
  const [manifest, plan] = await Promise.all([
    findManifest(store, planRun),
    findPlan(store, planRun),
  ]);
  if (manifest === undefined) {
    throw new ShardmillError('PLAN_MISMATCH', `the manifest of run ${request.run} is gone`, {
      where: store.locate(manifestKey(planRun)),
      remedy:
        'A later run may have overwritten it: look at what is there with `shardmill inspect`.',
    });
  }
  const elapsedMs =
    endedAt === null ? 0 : Math.max(0, Date.parse(endedAt) - Date.parse(request.submittedAt));
  return {
    runId: request.run,
    output: store.uri,
    manifest,
    manifestPath: store.locate(manifestKey(planRun)),
    plan,
    elapsedMs,
    resumed: planRun !== request.run,
  };
}

function skippedError(run: string, error: ErrorRecord | null): ShardmillError {
  return new ShardmillError('RUN_SKIPPED', error?.message ?? `run ${run} was skipped`, {
    where: error?.where,
    remedy: `Nothing was scored. When the input is there, \`shardmill resume ${run}\` waits anew.`,
  });
}

/** The run's own error, with what to do on a fleet. */
function failedError(run: string, error: ErrorRecord | null): ShardmillError {
  if (error === null) return new ShardmillError('SHARDS_FAILED', `run ${run} failed`);
  const remedy = fleetRemedy(run, error);
  return ShardmillError.fromRecord({ ...error, remedy });
}

/** The scheduler says what to do about a limit: `shardmill resume`. */
const HAS_FLEET_REMEDY: readonly ErrorCode[] = ['MAX_DURATION_REACHED', 'MAX_COST_REACHED'];

function fleetRemedy(run: string, { code, remedy }: ErrorRecord): string {
  if (HAS_FLEET_REMEDY.includes(code)) return remedy;
  if (code === 'REJECTED_OVER_BUDGET') {
    return `Look at the rejected rows; to accept them, \`shardmill resume ${run} --max-rejected-rows N\` (nothing is scored again).`;
  }
  if (code === 'SHARDS_FAILED') {
    return `Fix the cause, then \`shardmill retry ${run}\`: parts that are done are kept.`;
  }
  return `${remedy} Then \`shardmill retry ${run}\`: parts that are done are kept.`;
}
