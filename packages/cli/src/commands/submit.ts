import { newRunId, toShardmillError } from '@shardmill/core';
import { hasEnded, type RegisteredRun } from '@shardmill/scheduler';
import { buildRequest, type RequestOptions } from '../fleet/build-request.js';
import type { Fleet } from '../fleet/fleet.js';
import { followRun } from '../fleet/follow-run.js';
import { endOfRun } from '../fleet/run-end.js';
import { type JobFlags, prepareJob } from '../prepare-job.js';
import type { Result } from '../result.js';
import { whoAmI } from '../serve/identity.js';
import type { Services } from '../services.js';
import type { Terminal } from '../terminal.js';
import { type Advice, submittedReport } from '../ui/submitted-report.js';

export interface SubmitFlags extends JobFlags, RequestOptions {
  readonly wait?: boolean | undefined;
  /** Take up a run of the same key again that failed or was cancelled. */
  readonly resume?: boolean | undefined;
  /** Give up a run of the same key that failed or was cancelled, and begin a new one. */
  readonly newRun?: boolean | undefined;
}

/**
 * Hands a job to the fleet, or attaches to the run of the same key. A run that ended already is
 * told as it ended. @throws ShardmillError; with `--wait` the error with which the run ends
 */
export async function submitJob(
  reference: string,
  flags: SubmitFlags,
  terminal: Terminal,
  services: Pick<Services, 'withFleet'>,
): Promise<Result> {
  const prepared = await prepareJob(reference, flags, terminal.cwd);
  const now = new Date();
  const request = buildRequest(prepared, flags, { run: newRunId(now), now, by: whoAmI() });
  return services.withFleet(async (fleet) => {
    const { run, attached } = await fleet.registry.submit(
      request,
      flags.newRun ? 'free-ended' : 'attach',
    );
    const found = await fleet.find(run);
    const again = flags.resume && (found.phase === 'failed' || found.phase === 'cancelled');
    const registered = again ? await takenUp(fleet, run, flags) : found;
    if (!hasEnded(registered)) await fleet.announce(run).catch(() => {});
    if (flags.wait) return followRun(fleet, registered, terminal);
    if (hasEnded(registered)) return endOfRun(fleet, registered);
    return submitted(registered, attached, await adviceFor(fleet, registered));
  });
}

function takenUp(
  fleet: Fleet,
  run: string,
  { maxRejectedRows }: SubmitFlags,
): Promise<RegisteredRun> {
  const options = {
    by: whoAmI(),
    now: new Date(),
    of: 'failed-or-cancelled',
    maxRejectedRows,
  } as const;
  return fleet.registry.reopen(run, options);
}

function submitted(run: RegisteredRun, attached: boolean, advice: Advice): Result {
  const { request } = run;
  return {
    json: () => ({
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
