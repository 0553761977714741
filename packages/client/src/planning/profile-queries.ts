import { type ProfileAnswer, type QueryProfile, ShardmillError } from '@shardmill/core';
import { EngineProcess, limitPlanning, type PlanningLimits } from '@shardmill/worker';
import type { TableCheckpointOptions } from './table-checkpoints.js';

/** Time that the SQL of one check may take. */
const TIMEOUT_MS = 30_000;
/** Time that all checks of a run may take together. */
const TOTAL_TIMEOUT_MS = 120_000;

/**
 * Runs the SQL of checks in an engine of its own, under the limits of planning: it may be of a submitter, and
 * nothing in a query stops one that does not end.
 */
export function profileQueries({ storage, engine, limits }: TableCheckpointOptions): QueryProfile {
  return async (profile, queries) => {
    const endsAt = Date.now() + TOTAL_TIMEOUT_MS;
    const answers: ProfileAnswer[] = [];
    let own: EngineProcess | undefined;
    try {
      for (const sql of queries) {
        const leftMs = endsAt - Date.now();
        if (leftMs <= 0) {
          answers.push({ fault: `those before it took ${TOTAL_TIMEOUT_MS / 1000} s` });
          continue;
        }
        const timeoutMs = Math.min(limits.timeoutMs, TIMEOUT_MS, leftMs);
        const limit = { ...limits, timeoutMs };
        own ??= EngineProcess.start({ ...engine, storage });
        const using = own;
        try {
          answers.push(
            await limitPlanning(limit, [using], undefined, () =>
              using.queryProfile({ profile, sql }),
            ),
          );
        } catch (error) {
          const fault = faultOf(error, limit);
          if (fault === undefined) throw error;
          answers.push({ fault });
          await using.close();
          own = undefined;
        }
      }
      return answers;
    } finally {
      await own?.close();
    }
  };
}

/** What is a fault of the SQL, and would be one again; undefined of anything else. */
function faultOf(error: unknown, { timeoutMs }: PlanningLimits): string | undefined {
  if (!(error instanceof ShardmillError)) return undefined;
  if (error.code === 'PLAN_TIMEOUT') return `it was not done after ${timeoutMs / 1000} s`;
  if (error.code === 'PLAN_OUT_OF_MEMORY' || error.code === 'ENGINE_OUT_OF_MEMORY') {
    return 'it needs more memory than plan.memoryLimit allows';
  }
  return undefined;
}
