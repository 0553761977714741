import { newRunId, requirePrice, usesModelRegistry } from '@shardmill/core';
import {
  hasEnded,
  ModelRegistry,
  type RegisteredRun,
  resolveModel,
  type RunRequest,
  submittedParent,
} from '@shardmill/scheduler';
import { jobRules } from '../config/connection-options.js';
import { whoAmI } from '../identity.js';
import { buildRequest, type RequestOptions } from './build-request.js';
import { reopenRun } from './change-run.js';
import type { Fleet } from './fleet.js';

export interface SubmitOptions extends Omit<RequestOptions, 'priority'> {
  /** 0 to 100, the greater goes first; 50 where left out. */
  readonly priority?: number | undefined;
  /** Go on with a run of the same key that failed, was cancelled or skipped. */
  readonly resume?: boolean | undefined;
  /** Give up a run of the same key that failed, was cancelled or skipped, and begin a new one. */
  readonly newRun?: boolean | undefined;
}

export interface SubmittedRun {
  readonly run: RegisteredRun;
  /** Whether it is a run that was there: another submission had the same key. */
  readonly attached: boolean;
  /** Whether it had ended before. */
  readonly ended: boolean;
}

/** Hands a job to the fleet, or attaches to the run of the same key. @throws ShardmillError */
export async function submitRun(
  fleet: Fleet,
  prepared: Parameters<typeof buildRequest>[0],
  options: SubmitOptions,
): Promise<SubmittedRun> {
  const { limits, resources } = prepared.job;
  requirePrice(limits, jobRules(fleet.settings).prices, resources.pool);
  const now = new Date();
  const { priority = 50 } = options;
  const parent = submittedParent(process.env);
  const who = { run: newRunId(now), now, by: whoAmI(), parent };
  const request = buildRequest(prepared, { ...options, priority }, who);
  await refuseUnknownModel(fleet, request);
  const { run, attached } = await fleet.registry.submit(
    request,
    options.newRun ? 'free-ended' : 'attach',
  );
  const found = await fleet.find(run);
  if (options.resume && hasEnded(found) && found.phase !== 'finished') {
    const { maxRejectedRows } = options;
    const request = { of: 'failed-or-cancelled', maxRejectedRows, limits } as const;
    const reopened = await reopenRun(fleet, run, request);
    return { run: reopened.run, attached, ended: false };
  }
  const ended = hasEnded(found);
  if (!ended) await fleet.announce(run).catch(() => {});
  return { run: found, attached, ended };
}

/**
 * Refuses a model that the registry does not have: a run of the fleet would fail of it later. Which
 * version it is, is decided when the run is planned.
 */
async function refuseUnknownModel(
  { registry }: Pick<Fleet, 'registry'>,
  { job, key }: Pick<RunRequest, 'job' | 'key'>,
): Promise<void> {
  if (!usesModelRegistry(job)) return;
  const attaches = key !== null && (await registry.runOfKey(key)) !== undefined;
  if (!attaches) await resolveModel(job, new ModelRegistry(registry.store));
}
