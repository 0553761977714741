import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  type ErrorCode,
  isWholeLocation,
  type Profile,
  profileKey,
  profileRows,
  ShardmillError,
  storageError,
  type Stores,
} from '@shardmill/core';
import { profileSchema } from '@shardmill/core/schemas';
import { readObject } from '../inspect/inspect-run.js';
import { findRun } from '../report/find-run.js';
import type { Services } from '../services.js';
import { readProfile } from './read-profile.js';

export interface ExportedProfile {
  /** The run whose profile it is; null of that of a data set. */
  readonly runId: string | null;
  readonly file: string;
  /** Columns of the profile, each a row of the file. */
  readonly columns: number;
}

/**
 * Writes the profile of a run, or a profile file, as Parquet; a file that is there is replaced when the new one is whole.
 * @param reference as `report` takes it: an output, a manifest, or the id of a run of a fleet; or a profile file.
 * @throws RUN_STATE where the run has stored none; OUTPUT_NOT_WRITABLE, DISK_FULL
 */
export async function exportProfile(
  reference: string,
  target: string,
  { run, cwd }: { readonly run?: string | undefined; readonly cwd: string },
  services: Pick<Services, 'stores' | 'withEngine' | 'withFleet'>,
): Promise<ExportedProfile> {
  if (isWholeLocation(target) && !path.isAbsolute(target)) {
    throw new ShardmillError('URI_UNSUPPORTED', 'a profile is exported to this machine only', {
      where: target,
      remedy: 'Give a path, and copy the file from there.',
    });
  }
  const profile =
    (await profileFile(reference, cwd, services.stores)) ??
    (await profileOfRun(reference, { run, cwd }, services));
  const file = path.resolve(cwd, target);
  const unfinished = `${file}.${process.pid}.unfinished`;
  const rows = profileRows(profile);
  try {
    await services.withEngine((engine) =>
      engine.writeProfileParquet({
        rows: rows.map((row) => JSON.stringify(row)),
        target: unfinished,
      }),
    );
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    if (!(error instanceof ShardmillError)) throw storageError(error, file, 'write');
    if (error.where !== unfinished) throw error;
    const message = error.message.replaceAll(unfinished, file);
    throw new ShardmillError(error.code, message, { where: file, cause: error });
  }
  return { runId: profile.runId, file, columns: rows.length };
}

/** @returns undefined where it is no profile file. @throws STORE_… */
async function profileFile(
  reference: string,
  cwd: string,
  stores: Stores,
): Promise<Profile | undefined> {
  if (!/\.json$/i.test(reference)) return undefined;
  try {
    return await readProfile(reference, cwd, stores);
  } catch (error) {
    if (error instanceof ShardmillError && NO_PROFILE.includes(error.code)) return undefined;
    throw error;
  }
}

const NO_PROFILE: readonly ErrorCode[] = ['DRIFT_BASELINE_NOT_FOUND', 'DRIFT_BASELINE_UNREADABLE'];

/** @throws RUN_… */
async function profileOfRun(
  reference: string,
  { run, cwd }: { readonly run: string | undefined; readonly cwd: string },
  services: Pick<Services, 'stores' | 'withFleet'>,
): Promise<Profile> {
  const { output, planRun } = await findRun(reference, run, cwd, services);
  const store = services.stores.open(output);
  const profile = await readObject(store, profileKey(planRun), profileSchema);
  if (profile !== undefined) return profile;
  throw new ShardmillError('RUN_STATE', `run ${planRun} has stored no profile`, {
    where: store.locate(profileKey(planRun)),
    remedy: 'A run stores it when it finishes; runs of earlier versions have none.',
  });
}
