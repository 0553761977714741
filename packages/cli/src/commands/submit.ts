import type { SubmissionDocument } from '@shardmill/client/document-schemas';
import { DOCUMENT_VERSION } from '@shardmill/client/document-version';
import { estimateInFleet } from '@shardmill/client/estimate';
import {
  endOfRun,
  type Fleet,
  type RegisteredRun,
  type SubmitOptions,
  submitRun,
} from '@shardmill/client/fleet';
import { type JobFlags, type PreparedJob, prepareJob } from '@shardmill/client/jobs';
import type { Services } from '@shardmill/client/services';
import { toShardmillError } from '@shardmill/core';
import { finishedResult } from '../fleet/finished-result.js';
import { followRun } from '../fleet/follow-run.js';
import type { Result } from '../result.js';
import type { Terminal } from '../terminal.js';
import { estimateFields } from '../ui/estimate-fields.js';
import { planReport } from '../ui/plan-report.js';
import { type Advice, submittedReport } from '../ui/fleet/submitted-report.js';

export interface SubmitFlags extends JobFlags, SubmitOptions {
  readonly wait?: boolean | undefined;
  /** Plans on this machine, shows the plan with an estimate, and submits nothing. */
  readonly dryRun?: boolean | undefined;
}

/**
 * Hands a job to the fleet, or attaches to the run of the same key. A run that ended already is
 * reported as it ended. @throws ShardmillError; with `--wait` the error with which the run ends
 */
export async function submitJob(
  reference: string,
  flags: SubmitFlags,
  terminal: Terminal,
  services: Pick<Services, 'withFleet' | 'planJob' | 'checkOutput'>,
): Promise<Result> {
  const prepared = await prepareJob(reference, flags, terminal.cwd);
  if (flags.dryRun) return dryRun(prepared, services);
  return services.withFleet(async (fleet) => {
    const { run, attached, ended } = await submitRun(fleet, prepared, flags);
    if (flags.wait) return followRun(fleet, run, terminal);
    if (ended) return finishedResult(await endOfRun(fleet, run));
    return submitted(run, attached, await adviceFor(fleet, run));
  });
}

/** The document is that of `plan`, with an estimate for the pool. */
async function dryRun(
  prepared: PreparedJob,
  services: Pick<Services, 'withFleet' | 'planJob' | 'checkOutput'>,
): Promise<Result> {
  const { pool } = prepared.job.resources;
  const planned = await services.planJob(prepared);
  const { plan, scorer } = planned;
  const output = await services.checkOutput(plan);
  const estimate = await services.withFleet((fleet) => estimateInFleet(fleet, plan, pool));
  return {
    json: () => ({ ...plan, scorer, outputLocation: output, estimate }),
    text: (style) => planReport(planned, output, estimateFields(estimate, { pool }), style),
  };
}

function submitted(run: RegisteredRun, attached: boolean, advice: Advice): Result {
  const { request } = run;
  return {
    json: (): SubmissionDocument => ({
      schemaVersion: DOCUMENT_VERSION,
      run: request.run,
      attached,
      job: request.job.name,
      output: request.job.output.uri,
      key: request.key,
      phase: run.phase,
    }),
    text: (style) => submittedReport({ run, attached, advice }, style),
  };
}

/** What the run needs and is not there. */
async function adviceFor(fleet: Fleet, run: RegisteredRun): Promise<Advice> {
  const { pool } = run.request.job.resources;
  try {
    const processes = await fleet.processes();
    return {
      redis: undefined,
      scheduler: processes.some((process) => process.kind === 'scheduler'),
      worker: processes.some((process) => process.kind === 'worker' && process.pool === pool),
    };
  } catch (error) {
    return { redis: toShardmillError(error).message, scheduler: false, worker: false };
  }
}
