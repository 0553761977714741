import { stat } from 'node:fs/promises';
import {
  isS3,
  isWholeLocation,
  type Manifest,
  manifestKey,
  type Plan,
  planKey,
  resolveLocation,
  ShardmillError,
  type Stores,
} from '@shardmill/core';
import { manifestSchema, planSchema } from '@shardmill/core/schemas';
import type { RegisteredRun } from '@shardmill/scheduler';
import { kindAt } from '../inspect/inspect-path.js';
import { inspectRun, readManifest, readObject } from '../inspect/inspect-run.js';
import type { Services } from '../services.js';

const REMEDY =
  'Give the output folder of a run, its manifest, or an id that `shardmill runs` lists.';

/** A run with its plan and its manifest, whether it was run here or by a fleet. */
export interface FoundRun {
  readonly output: string;
  readonly planRun: string;
  readonly plan: Plan | null;
  readonly manifest: Manifest | null;
  /** The log of a run of a fleet. */
  readonly run: RegisteredRun | null;
}

/**
 * The run that is meant: by the location of its output or of its manifest, as `inspect` takes them,
 * or by its id in the log of runs, as `status` does. What is there as a path is meant as one.
 * @param wanted the id of one of the runs of an output folder.
 * @throws RUN_NOT_FOUND, USAGE, PLAN_MISMATCH, STORE_…
 */
export async function findRun(
  reference: string,
  wanted: string | undefined,
  cwd: string,
  services: Pick<Services, 'withFleet' | 'stores'>,
): Promise<FoundRun> {
  if (await isLocation(reference, cwd)) {
    return runAt(resolveLocation(reference, cwd), wanted, services.stores);
  }
  if (wanted !== undefined) {
    throw new ShardmillError('USAGE', `--run ${wanted} is given, and "${reference}" is no folder`, {
      remedy: 'Give --run with an output folder; the id of a run of a fleet needs no --run.',
    });
  }
  return services.withFleet(async (fleet) => {
    const run = await fleet.find(reference).catch((error: unknown) => {
      throw notFound(error, reference);
    });
    const planRun = run.planRun ?? run.request.run;
    const output = run.request.job.output.uri;
    const store = services.stores.open(output);
    const plan = (await readObject(store, planKey(planRun), planSchema)) ?? null;
    const manifest = (await readObject(store, manifestKey(planRun), manifestSchema)) ?? null;
    if (plan === null && manifest === null) throw unplanned(run, output);
    return { output, planRun, plan, manifest, run };
  });
}

/** Whether a reference is a path: by its form, or because something is there. */
export async function isLocation(reference: string, cwd: string): Promise<boolean> {
  if (isWholeLocation(reference) || /[\\/]/.test(reference)) return true;
  return stat(resolveLocation(reference, cwd)).then(
    () => true,
    () => false,
  );
}

async function runAt(
  target: string,
  wanted: string | undefined,
  stores: Stores,
): Promise<FoundRun> {
  const kind = await kindAt(target, stores).catch((error: unknown) => {
    throw nothingThere(error);
  });
  if (kind !== 'output' && kind !== 'manifest') {
    throw new ShardmillError(
      'RUN_NOT_FOUND',
      `no run has written to this ${isS3(target) ? 'location' : 'path'}`,
      {
        where: target,
        remedy: REMEDY,
      },
    );
  }
  if (kind === 'manifest' && wanted !== undefined) {
    throw new ShardmillError('USAGE', '--run is given, and this is the manifest of one run', {
      where: target,
      remedy: 'Give --run with an output folder.',
    });
  }
  const found =
    kind === 'output'
      ? await inspectRun(target, stores, wanted)
      : await readManifest(target, stores);
  switch (found.kind) {
    case 'run': {
      const { output, manifest, plan } = found;
      return { output, planRun: manifest.runId, plan, manifest, run: null };
    }
    case 'unfinished-run': {
      const { output, plan } = found;
      return { output, planRun: plan.runId, plan, manifest: null, run: null };
    }
    default: {
      const unknown: never = found;
      return unknown;
    }
  }
}

/** That no path is there is said of a run here, and not of an input. */
function nothingThere(error: unknown): unknown {
  if (!(error instanceof ShardmillError) || error.code !== 'INPUT_NOT_FOUND') return error;
  return new ShardmillError('RUN_NOT_FOUND', error.message, {
    ...(error.where !== undefined && { where: error.where }),
    remedy: REMEDY,
    cause: error,
  });
}

function notFound(error: unknown, reference: string): unknown {
  if (!(error instanceof ShardmillError) || error.code !== 'RUN_NOT_FOUND') return error;
  const message = `there is no path "${reference}", and ${error.message}`;
  return new ShardmillError('RUN_NOT_FOUND', message, {
    ...(error.where !== undefined && { where: error.where }),
    remedy: REMEDY,
  });
}

function unplanned({ request, phase }: RegisteredRun, output: string): ShardmillError {
  return new ShardmillError('RUN_STATE', `run ${request.run} is "${phase}" and has no plan`, {
    where: output,
    remedy: `There is nothing to report yet; look at it with: shardmill status ${request.run}`,
  });
}
