import {
  type Baseline,
  type BaselineReference,
  type ObjectStore,
  profileKey,
  type Profile,
  readBaselineReference,
  resolveLocation,
  shellWord,
  ShardmillError,
  type Stores,
  unreachable,
} from '@shardmill/core';
import { parseJson } from '@shardmill/core/plans';
import { profileSchema } from '@shardmill/core/schemas';
import { isFinished, readKnownRuns } from '../output/known-runs.js';
import { findManifest, readLocation } from '../output/read-location.js';

/** A profile of 256 features has some megabytes. */
const MAX_BASELINE_BYTES = 64 * 2 ** 20;

export interface BaselineRequest {
  readonly stores: Pick<Stores, 'open' | 'objectAt'>;
  /** As the job has it. */
  readonly baseline: string;
  /** Where relative locations start. */
  readonly base: string;
  /** The output location of the job. */
  readonly output: string;
  readonly jobName: string;
}

/**
 * The profile that a job is to be compared with.
 * @returns undefined where that is the previous run, and there is none with a profile.
 * @throws DRIFT_BASELINE_NOT_FOUND, DRIFT_BASELINE_UNREADABLE
 */
export async function findBaseline({
  stores,
  baseline,
  base,
  output,
  jobName,
}: BaselineRequest): Promise<Baseline | undefined> {
  const reference = readBaselineReference(baseline, (uri) => resolveLocation(uri, base));
  switch (reference.kind) {
    case 'previous':
      return lastProfile(stores.open(output), jobName);
    case 'run': {
      const store = stores.open(output);
      const found = await profileOf(store, profileKey(reference.runId));
      return found ?? notFound(store.locate(profileKey(reference.runId)), reference);
    }
    case 'file': {
      const { store, key } = stores.objectAt(reference.location);
      return (await profileOf(store, key)) ?? notFound(reference.location, reference);
    }
    case 'training set':
      throw unreadable(reference.location, 'this is a data set, and no profile of one', {
        remedy: `Make a profile of it: shardmill profile create JOB --input ${shellWord(reference.location)} --output ${shellWord(profileBeside(reference.location))}; then write drift: { baseline: '${profileBeside(reference.location)}' } into the job.`,
      });
    case 'output': {
      const found = await lastProfile(stores.open(reference.location), undefined);
      return found ?? notFound(reference.location, reference);
    }
    default:
      return unreachable(reference, 'kind of baseline');
  }
}

/** A location for the profile of a training set: beside it. */
export function profileBeside(location: string): string {
  const whole = location.replace(/\/[^/]*[*?[{].*$/, '').replace(/\/+$/, '');
  return `${whole.replace(/\.parquet$/i, '')}.profile.json`;
}

/** Of the newest finished run at a location that has a profile. @param jobName of any job where left out. */
async function lastProfile(
  store: ObjectStore,
  jobName: string | undefined,
): Promise<Baseline | undefined> {
  const { runs, success } = await readLocation(store);
  const known = await readKnownRuns(store, runs);
  for (const run of known.toReversed()) {
    if (!isFinished(run, known, success)) continue;
    const manifest = await findManifest(store, run.runId);
    if (manifest?.profile === undefined) continue;
    if (jobName !== undefined && manifest.job.name !== jobName) continue;
    const found = await profileOf(store, profileKey(run.runId));
    if (found !== undefined) return found;
  }
  return undefined;
}

async function profileOf(store: ObjectStore, key: string): Promise<Baseline | undefined> {
  const uri = store.locate(key);
  const info = await store.head(key);
  if (info === undefined) return undefined;
  if (info.bytes > MAX_BASELINE_BYTES) {
    throw unreadable(uri, `it has ${info.bytes} bytes, expected at most ${MAX_BASELINE_BYTES}`);
  }
  const bytes = await store.read(key);
  return bytes === undefined ? undefined : { uri, profile: parseProfile(bytes, uri) };
}

/** @throws DRIFT_BASELINE_UNREADABLE */
export function parseProfile(bytes: Uint8Array, uri: string): Profile {
  const json = parseJson(bytes);
  if (json === undefined) throw unreadable(uri, 'it is not JSON');
  const parsed = profileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw unreadable(uri, `it is no profile: ${where}${issue?.message ?? 'unknown form'}`);
}

function unreadable(
  where: string,
  message: string,
  more: { readonly remedy?: string } = {},
): ShardmillError {
  return new ShardmillError('DRIFT_BASELINE_UNREADABLE', message, { where, ...more });
}

function notFound(where: string, { kind }: BaselineReference): never {
  const message =
    kind === 'output' ? 'no finished run there has a profile' : 'there is no such profile';
  throw new ShardmillError('DRIFT_BASELINE_NOT_FOUND', message, { where });
}
