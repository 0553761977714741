import { type ObjectInfo, type ObjectStore, ShardmillError } from '@shardmill/core';

/** The folder of a table's log, with a slash at its end. */
export const LOG_PREFIX = '_delta_log/';
/** Names in a log that are listed; a table whose log is never cleaned up gets there after years. */
const MAX_LOG_NAMES = 1_000_000;

/** A complete checkpoint that can be read: one file, or all of several. */
export interface Checkpoint {
  readonly version: number;
  readonly files: readonly ObjectInfo[];
}

/** What lies in the log of a table, by name. */
export interface LogFiles {
  /** Commits by version, ascending. */
  readonly commits: ReadonlyMap<number, ObjectInfo>;
  /** Classic and multi-part checkpoints that are complete, ascending. */
  readonly checkpoints: readonly Checkpoint[];
  /** Versions of checkpoints that are named by a UUID (V2), ascending. */
  readonly uuidCheckpoints: readonly number[];
}

/** The hint where to begin reading. */
export const LAST_CHECKPOINT_KEY = `${LOG_PREFIX}_last_checkpoint`;

/** A classic checkpoint in one file. */
export function checkpointKey(version: number): string {
  return `${LOG_PREFIX}${String(version).padStart(20, '0')}.checkpoint.parquet`;
}

export function commitKey(version: number): string {
  return `${LOG_PREFIX}${String(version).padStart(20, '0')}.json`;
}

/** Lists the log. @returns undefined where there is none. @throws TABLE_UNSUPPORTED, STORE_… */
export async function listLog(
  store: ObjectStore,
  signal?: AbortSignal,
): Promise<LogFiles | undefined> {
  const infos: ObjectInfo[] = [];
  for await (const info of store.list(LOG_PREFIX)) {
    signal?.throwIfAborted();
    // Sidecars and staged commits lie in folders of their own.
    if (info.key.slice(LOG_PREFIX.length).includes('/')) continue;
    if (infos.push(info) <= MAX_LOG_NAMES) continue;
    throw new ShardmillError('TABLE_UNSUPPORTED', `the log has more than ${MAX_LOG_NAMES} files`, {
      where: store.locate(LOG_PREFIX),
      remedy: 'Have the log cleaned up (delta.logRetentionDuration).',
    });
  }
  const files = readLogNames(infos);
  return files.commits.size + files.checkpoints.length + files.uuidCheckpoints.length === 0
    ? undefined
    : files;
}

/** Sorts the files of a log by what their names say; others (`.crc`, compacted logs) are left out. */
export function readLogNames(infos: readonly ObjectInfo[]): LogFiles {
  const commits = new Map<number, ObjectInfo>();
  const whole: Checkpoint[] = [];
  const uuids = new Set<number>();
  const several = new Map<string, { parts: number; files: Map<number, ObjectInfo> }>();
  for (const info of infos) {
    const name = info.key.slice(LOG_PREFIX.length);
    const [, digits, rest] = /^(\d{20})\.(.+)$/.exec(name) ?? [];
    const version = Number(digits);
    if (digits === undefined || rest === undefined || !Number.isSafeInteger(version)) continue;
    const part = /^checkpoint\.(\d{10})\.(\d{10})\.parquet$/.exec(rest);
    if (rest === 'json') commits.set(version, info);
    else if (rest === 'checkpoint.parquet') whole.push({ version, files: [info] });
    else if (part !== null) {
      const key = `${digits}.${part[2]}`;
      const known = several.get(key) ?? { parts: Number(part[2]), files: new Map() };
      known.files.set(Number(part[1]), info);
      several.set(key, known);
    } else if (/^checkpoint\.[0-9a-f-]{36}\.(json|parquet)$/i.test(rest)) uuids.add(version);
  }
  for (const [key, { parts, files }] of several) {
    // One with missing parts must be ignored: its writer may have failed.
    const ordered = Array.from({ length: Math.min(parts, files.size + 1) }, (_, index) =>
      files.get(index + 1),
    ).filter((info) => info !== undefined);
    if (ordered.length !== parts || parts === 0) continue;
    whole.push({ version: Number(key.slice(0, 20)), files: ordered });
  }
  return {
    commits: new Map([...commits].toSorted(([a], [b]) => a - b)),
    checkpoints: whole.toSorted((a, b) => a.version - b.version),
    uuidCheckpoints: [...uuids].toSorted((a, b) => a - b),
  };
}
