import { ShardmillError } from '../errors/shardmill-error.js';
import { isRunId } from './run-id.js';

/** Where the objects of a run lie, as keys relative to the output location. */

export const SUCCESS_KEY = '_SUCCESS';
export const STATE_PREFIX = '_shardmill/';

const pad = (n: number): string => String(n).padStart(6, '0');

/** An id as a piece of a key: ids come from Redis and from objects that others can write. */
function id(runId: string): string {
  if (isRunId(runId)) return runId;
  const seen = JSON.stringify(runId.slice(0, 60));
  throw new ShardmillError('PLAN_MISMATCH', `${seen} cannot be the id of a run`);
}

/** Names the run of a plan's digest that follows `previous`, the latest run there was, if any. */
export const claimKey = (previous: string | undefined, digest: string): string =>
  `${STATE_PREFIX}claims/${id(previous ?? 'first')}-${digest.slice(0, 16)}.json`;
/** Claims of runs that follow this one, and of those that follow a run whose id begins with it. */
export const claimsPrefix = (previous: string): string => `${STATE_PREFIX}claims/${id(previous)}-`;
/**
 * Which runs were at the location when a run began, noted once for each of its starts: each round
 * of a submitted run, each start of a local one. The run may delete no other run's objects.
 */
export const earlierRunsKey = (runId: string, start: string): string =>
  `${earlierRunsPrefix(runId)}${start}.json`;
export const earlierRunsPrefix = (runId: string): string => `${STATE_PREFIX}${id(runId)}/earlier/`;
export const planKey = (runId: string): string => `${STATE_PREFIX}${id(runId)}/plan.json`;
export const planPageKey = (runId: string, page: number): string =>
  `${STATE_PREFIX}${id(runId)}/plan/${pad(page)}.json`;
export const shardRecordKey = (runId: string, shard: number): string =>
  `${STATE_PREFIX}${id(runId)}/shards/${pad(shard)}.json`;
export const shardRecordsPrefix = (runId: string): string => `${STATE_PREFIX}${id(runId)}/shards/`;
/**
 * Parquet, without the ending: below an output location nothing but results has it, since many
 * readers take `**` + `/*.parquet` and know nothing of folders that begin with `_`.
 */
export const rejectedKey = (runId: string, shard: number, part: number): string =>
  `${STATE_PREFIX}${id(runId)}/rejected/part-${pad(shard)}-${pad(part)}`;
/** Why a shard failed for good in one round of a run; each `resume` or `retry` begins a round. */
export const failureKey = (runId: string, round: number, shard: number): string =>
  `${failuresPrefix(runId, round)}${pad(shard)}.json`;
export const failuresPrefix = (runId: string, round: number): string =>
  `${allFailuresPrefix(runId)}${pad(round)}/`;
export const allFailuresPrefix = (runId: string): string => `${STATE_PREFIX}${id(runId)}/failed/`;
export const manifestKey = (runId: string): string => `${STATE_PREFIX}${id(runId)}/manifest.json`;
/** What the features and outputs of a run look like: `profileSchema`. */
export const profileKey = (runId: string): string => `${STATE_PREFIX}${id(runId)}/profile.json`;
/** How far a run is from its baseline: `driftSchema`. */
export const driftKey = (runId: string): string => `${STATE_PREFIX}${id(runId)}/drift.json`;
/** The profile that a run is compared with, by its digest: a copy of what may be gone by then. */
export const baselineKey = (runId: string, sha256: string): string =>
  `${STATE_PREFIX}${id(runId)}/baseline-${sha256.slice(0, 16)}.json`;
/** How good the scores of a run are by labels that came later. @param id of what was evaluated with what */
export const evaluationKey = (runId: string, evaluation: string): string =>
  `${evaluationsPrefix(runId)}${evaluation}.json`;
export const evaluationsPrefix = (runId: string): string =>
  `${STATE_PREFIX}${id(runId)}/evaluations/`;
/** What the checks of a run came to: `qualityRecordSchema`. */
export const qualityKey = (runId: string): string => `${STATE_PREFIX}${id(runId)}/quality.json`;
/** Who published a run in spite of failed checks: `acceptanceSchema`. */
export const acceptanceKey = (runId: string): string => `${STATE_PREFIX}${id(runId)}/accepted.json`;
/** Notes that the parts of a run are in the table that its output is. */
export const tableNoteKey = (runId: string): string => `${STATE_PREFIX}${id(runId)}/table.json`;
export const partKey = (runId: string, shard: number, part: number): string =>
  `part-${id(runId)}-${pad(shard)}-${pad(part)}.parquet`;
/** A file of a part whose rows are divided by partition. @param folders from `partitionFolders` */
export const partFileKey = (folders: string, runId: string, shard: number, part: number): string =>
  `${folders}${partKey(runId, shard, part)}`;
/** Names the files of a part whose rows are divided by partition: the part is there once this is. */
export const partIndexKey = (runId: string, shard: number, part: number): string =>
  `${partIndexPrefix(runId)}${pad(shard)}-${pad(part)}.json`;
export const partIndexPrefix = (runId: string): string => `${STATE_PREFIX}${id(runId)}/parts/`;
/** What keys of a run's parts begin with, unless they lie in folders of partitions. */
export const runParts = (runId: string): string => `part-${id(runId)}-`;

/** The round and the shard of a failure's key, or undefined for another key. */
export function failureOfKey(key: string): { round: number; shard: number } | undefined {
  const [, round, shard] = /\/failed\/(\d{6,})\/(\d{6,})\.json$/.exec(key) ?? [];
  return round === undefined ? undefined : { round: Number(round), shard: Number(shard) };
}

const PART = /^(?:[A-Za-z][A-Za-z0-9_-]*=[^/]+\/)*part-([^/]+)-\d{6,}-\d{6,}\.parquet$/;

/** The run that a part or a file of one belongs to by its key, or undefined where it is no part of Shardmill's. */
export function runOfPart(key: string): string | undefined {
  return idOf(PART.exec(key)?.[1]);
}

/** The run that a claim follows (`first` where there was none), or undefined for another key. */
export function previousOfClaim(key: string): string | undefined {
  return idOf(/^_shardmill\/claims\/(.+)-[0-9a-f]{16}\.json$/.exec(key)?.[1]);
}

/** The run whose plan this key is, or undefined. */
export function runOfPlan(key: string): string | undefined {
  return idOf(/^_shardmill\/([^/]+)\/plan\.json$/.exec(key)?.[1]);
}

function idOf(found: string | undefined): string | undefined {
  return found !== undefined && isRunId(found) ? found : undefined;
}
