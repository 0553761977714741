import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  canonicalJson,
  type ObjectStore,
  type Plan,
  type Profile,
  ShardmillError,
  shellWord,
} from '@shardmill/core';
import { findKeptBaseline, keptBaselineKey, profileBeside } from '@shardmill/scheduler';
import { limitPlanning } from '@shardmill/worker';
import {
  type BaselineSource,
  type FleetPlannerOptions,
  planApart,
  type PlanOrder,
} from '../planning/fleet-planner.js';
import { PlannerProcess } from '../planning/planner-process.js';
import type { ProfileOrder } from '../planning/planner-protocol.js';
import { profiledJob } from './profiled-job.js';
import { trainingSetOf } from './training-set.js';

/** What a profile is made with: each in processes of its own. */
export interface ProfileMakers {
  readonly plan: (
    order: Omit<PlanOrder, 'rules' | 'now'>,
    signal: AbortSignal,
  ) => Promise<Pick<Plan, 'scoring' | 'pages' | 'profile'>>;
  readonly profile: (
    order: Pick<ProfileOrder, 'job' | 'jobFile' | 'params'>,
    signal: AbortSignal,
  ) => Promise<Profile>;
}

/**
 * The profiles of training sets that jobs of a fleet are compared with: each is made when a run is planned, and kept in
 * the state location, so that it is made once until the training set changes, or what scores it.
 * @param store of the state location.
 */
export function fleetBaselines(store: ObjectStore, makers: ProfileMakers): BaselineSource {
  return async ({ job, jobFile, params, run: runId }, signal, { release }) => {
    const set = trainingSetOf(job, jobFile);
    if (set === undefined) return undefined;
    // Where the scores would go makes no difference, and nothing is written there.
    const planned = profiledJob(set.job, path.join(tmpdir(), 'shardmill-training-set'));
    const { uri } = set;
    try {
      const plan = await makers.plan({ job: planned, jobFile, params, runId, release }, signal);
      const key = keptBaselineKey(plan);
      const kept = await findKeptBaseline(store, key);
      if (kept !== undefined) return { uri, profile: kept };
      const profile = await makers.profile({ job: set.job, jobFile, params }, signal);
      await store.create(key, Buffer.from(canonicalJson(profile)));
      return { uri, profile };
    } catch (error) {
      throw aboutTrainingSet(error, uri);
    }
  };
}

/** Makes profiles under the limits of planning, one for the plan and one for the profile itself. */
export function limitedMakers(options: FleetPlannerOptions): ProfileMakers {
  const { engine, limits, storage } = options;
  // The scores go to a folder of this machine that is gone afterwards.
  const rules = { ...options.rules, allow: { ...options.rules.allow, outputs: undefined } };
  return {
    plan: async (order, signal) => (await planApart({ ...options, rules }, order, signal)).plan,
    profile: async (order, signal) => {
      const planner = new PlannerProcess(engine.environment ?? []);
      try {
        const { cacheFolder } = engine;
        return await limitPlanning(limits, [planner], signal, () =>
          planner.profile(storage, { ...order, rules, cacheFolder, limits }),
        );
      } finally {
        await planner.close();
      }
    },
  };
}

/** A training set that is too large to be profiled in the course of a planning is profiled once, by hand. */
function aboutTrainingSet(error: unknown, uri: string): unknown {
  if (!(error instanceof ShardmillError) || error.code === 'INTERRUPTED') return error;
  const message = `the training set ${uri}, which the run is to be compared with, was not profiled: ${error.message}`;
  const beside = profileBeside(uri);
  const isLimit = ['PLAN_TIMEOUT', 'PLAN_OUT_OF_MEMORY', 'ENGINE_OUT_OF_MEMORY'].includes(
    error.code,
  );
  return new ShardmillError(error.code, message, {
    where: error.where ?? uri,
    remedy: isLimit
      ? `Make the profile once where there is time and memory for it: shardmill profile create JOB --input ${shellWord(uri)} --output ${shellWord(beside)}; then write drift: { baseline: '${beside}' } into the job.`
      : error.remedy,
    cause: error,
  });
}
