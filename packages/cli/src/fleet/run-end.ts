import { type ErrorRecord, manifestKey, ShardmillError } from '@shardmill/core';
import { findPlan } from '@shardmill/core/plans';
import { findManifest, type RegisteredRun } from '@shardmill/scheduler';
import type { Result } from '../result.js';
import { runDocument } from '../run-document.js';
import { runSummary } from '../ui/run-summary.js';
import { scoreColumns } from '../ui/score-columns.js';
import type { Fleet } from './fleet.js';

/**
 * The end of a run, as `run` would tell it.
 * @returns the summary of a finished run.
 * @throws the error of a failed run; RUN_CANCELLED
 */
export async function endOfRun(fleet: Fleet, run: RegisteredRun): Promise<Result> {
  const id = run.request.run;
  switch (run.phase) {
    case 'finished':
      return finishedResult(fleet, run);
    case 'failed':
      throw failedError(id, run.error);
    case 'cancelled':
      throw new ShardmillError('RUN_CANCELLED', `run ${id} was cancelled`, {
        remedy: `Go on with \`shardmill resume ${id}\`: parts that are done are kept.`,
      });
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

async function finishedResult(fleet: Fleet, run: RegisteredRun): Promise<Result> {
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
  const finished = {
    output: store.uri,
    manifest,
    manifestPath: store.locate(manifestKey(planRun)),
  };
  const attempt = { elapsedMs, resumed: planRun !== request.run, rowsResumed: 0 };
  return {
    json: () => runDocument({ ...finished, ...attempt, runId: request.run }),
    text: (style) =>
      runSummary({ ...finished, attempt, scores: plan && scoreColumns(plan.scoring) }, style),
  };
}

/** The run's own error, with what to do on a fleet. */
function failedError(run: string, error: ErrorRecord | null): ShardmillError {
  if (error === null) return new ShardmillError('SHARDS_FAILED', `run ${run} failed`);
  const remedy =
    error.code === 'REJECTED_OVER_BUDGET'
      ? `Look at the rejected rows; to accept them, \`shardmill resume ${run} --max-rejected-rows N\` (nothing is scored again).`
      : error.code === 'SHARDS_FAILED'
        ? `Mend the cause, then \`shardmill retry ${run}\`: parts that are done are kept.`
        : `${error.remedy} Then \`shardmill retry ${run}\`: parts that are done are kept.`;
  return ShardmillError.fromRecord({ ...error, remedy });
}
