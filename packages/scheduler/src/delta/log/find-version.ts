import { type ObjectStore, ShardmillError } from '@shardmill/core';
import { parseActions } from './actions.js';
import { LOG_PREFIX, type LogFiles } from './log-files.js';
import { readCommit } from './read-snapshot.js';

/** What `input.version` and `input.timestamp` say. */
export interface VersionRequest {
  readonly version?: number | string | undefined;
  readonly timestamp?: string | undefined;
}

/**
 * The version that a job asks for; undefined for the current one. A version is current from the
 * time that its commit itself notes (its in-commit timestamp, or else the timestamp of its
 * commitInfo) until that of the next one.
 * @throws TABLE_VERSION_NOT_FOUND, TABLE_LOG_DAMAGED, TABLE_UNSUPPORTED
 */
export async function findVersion(
  store: ObjectStore,
  { commits }: LogFiles,
  { version, timestamp }: VersionRequest,
): Promise<number | undefined> {
  if (version !== undefined) return parseVersion(version);
  if (timestamp === undefined) return undefined;
  const wanted = parseTimestamp(timestamp);
  let earliest: number | undefined;
  for (const [number, info] of [...commits].toReversed()) {
    const where = store.locate(info.key);
    const at = commitTime(await readCommit(store, info), where);
    if (at === undefined) {
      throw new ShardmillError('TABLE_UNSUPPORTED', 'the commit does not say when it was made', {
        where,
        remedy: 'Use input.version in place of input.timestamp.',
      });
    }
    if (at <= wanted) return number;
    earliest = at;
  }
  const since =
    earliest === undefined ? '' : `; the log begins at ${new Date(earliest).toISOString()}`;
  throw new ShardmillError(
    'TABLE_VERSION_NOT_FOUND',
    `no version of the table was there at ${new Date(wanted).toISOString()}${since}`,
    { where: store.locate(LOG_PREFIX.slice(0, -1)) },
  );
}

function parseVersion(version: number | string): number {
  if (typeof version === 'number') return version;
  if (/^\d{1,15}$/.test(version)) return Number(version);
  throw new ShardmillError(
    'TABLE_VERSION_NOT_FOUND',
    `"${version}" is no version: expected a whole number such as 12`,
    { where: 'input.version' },
  );
}

/** With a zone, or a date alone, which is its beginning in UTC. */
const TIMESTAMP = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

function parseTimestamp(text: string): number {
  const time = TIMESTAMP.test(text) ? Date.parse(text.replace(' ', 'T')) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new ShardmillError(
    'TABLE_VERSION_NOT_FOUND',
    `"${text}" is no time: expected one with a zone, such as 2026-01-31T05:00:00Z`,
    { where: 'input.timestamp' },
  );
}

function commitTime(bytes: Uint8Array, where: string): number | undefined {
  for (const { commitInfo } of parseActions(bytes, where)) {
    if (!commitInfo) continue;
    return commitInfo.inCommitTimestamp ?? commitInfo.timestamp ?? undefined;
  }
  return undefined;
}
