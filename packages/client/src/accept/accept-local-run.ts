import {
  manifestKey,
  newRunId,
  type ObjectStore,
  resolveLocation,
  ShardmillError,
} from '@shardmill/core';
import { findPlan } from '@shardmill/core/plans';
import {
  acceptedByAnother,
  acceptRun,
  beginRun,
  failedOutcomes,
  finalizeRun,
  findQuality,
  notByChecks,
  RunHistory,
} from '@shardmill/scheduler';
import { runtimeVersions } from '@shardmill/worker';
import { runsIn } from '../inspect/inspect-run.js';
import { whoAmI } from '../identity.js';
import type { FinishedRun } from '../fleet/run-end.js';
import type { Services } from '../services.js';
import { version } from '../version.js';
import type { AcceptOptions } from './accept-fleet-run.js';

/**
 * Accepts a run on one machine that ended by its checks, and finishes it: who, when and why is noted,
 * then the manifest, the commit to a table and `_SUCCESS` are written. Nothing is scored.
 * @param location the folder of its output. @param wanted this run of it; else the last one that ended by its checks.
 * @throws RUN_NOT_FOUND, RUN_STATE, RUN_ACCEPTED, USAGE, OUTPUT_EXISTS, STORE_…
 */
export async function acceptLocalRun(
  location: string,
  wanted: string | undefined,
  { reason, by = whoAmI() }: AcceptOptions,
  cwd: string,
  { stores, settings, withEngine }: Pick<Services, 'stores' | 'settings' | 'withEngine'>,
): Promise<FinishedRun> {
  const began = Date.now();
  const output = resolveLocation(location, cwd);
  const store = stores.open(output);
  const runId = wanted ?? (await findFailed(store, await runsIn(output, stores)));
  const quality = await findQuality(store, runId);
  if (quality?.fleetRun !== undefined) {
    const { fleetRun } = quality;
    throw new ShardmillError('RUN_STATE', `this is run ${fleetRun} of a fleet, which finishes it`, {
      where: output,
      remedy: `shardmill accept ${fleetRun} --reason TEXT`,
    });
  }
  const plan = await findPlan(store, runId);
  if (plan === undefined) {
    throw new ShardmillError('RUN_NOT_FOUND', `there is no plan of a run "${runId}"`, {
      where: output,
      remedy: 'A later run may have overwritten it: look at what is there with shardmill inspect.',
    });
  }
  await stores.requireConditionalWrites(output);
  const now = new Date();
  const accepted = await acceptRun(store, runId, { by, reason, now });
  await beginRun(store, plan, newRunId(now));
  const manifest = await finalizeRun({
    store,
    plan,
    maxRejectedRows: accepted.rejectedBudget,
    now,
    versions: { shardmill: version(), ...runtimeVersions() },
    seconds: {},
    usage: { pool: null, pricePerHour: undefined },
    readCheckpoint: (file) => withEngine((engine) => engine.readCheckpoint(file)),
    history: new RunHistory(stores.open(settings.get('state.uri'))),
  });
  if (!accepted.isOwn) throw acceptedByAnother(runId, accepted.acceptance, output);
  return {
    runId,
    output: store.uri,
    manifest,
    manifestPath: store.locate(manifestKey(runId)),
    plan,
    elapsedMs: Date.now() - began,
    resumed: true,
  };
}

/** The latest run that ended by its checks. @param runs the latest first. */
async function findFailed(store: ObjectStore, runs: readonly string[]): Promise<string> {
  for (const run of runs) {
    const quality = await findQuality(store, run);
    if (quality !== undefined && failedOutcomes(quality.outcomes).length > 0) return run;
  }
  const [latest] = runs;
  if (latest !== undefined) throw notByChecks(latest, 'no check of it has failed', store.uri);
  throw new ShardmillError('RUN_NOT_FOUND', 'no run has written to this location', {
    where: store.uri,
    remedy: 'Give the output folder of a run, or an id that `shardmill runs` lists.',
  });
}
