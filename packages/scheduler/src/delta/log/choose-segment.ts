import { type ObjectInfo, ShardmillError } from '@shardmill/core';
import type { Checkpoint, LogFiles } from './log-files.js';

/** The files of a log that give a version: a checkpoint, where there is one, and what follows it. */
export interface LogSegment {
  readonly version: number;
  readonly checkpoint: Checkpoint | undefined;
  /** Commits after the checkpoint, or from version 0 on, up to the version, in their order. */
  readonly commits: readonly ObjectInfo[];
}

/** The newest version that a log has. */
function latestVersion({ commits, checkpoints, uuidCheckpoints }: LogFiles): number {
  return Math.max(
    [...commits.keys()].at(-1) ?? -1,
    checkpoints.at(-1)?.version ?? -1,
    uuidCheckpoints.at(-1) ?? -1,
  );
}

/**
 * The files to read for a version: from the latest checkpoint at or before it, or from the first
 * commit.
 * @param version the newest where left out.
 * @param where the location of the log, for messages.
 * @throws TABLE_VERSION_NOT_FOUND, TABLE_LOG_DAMAGED, TABLE_UNSUPPORTED
 */
export function chooseSegment(
  files: LogFiles,
  version: number | undefined,
  where: string,
): LogSegment {
  const latest = latestVersion(files);
  const wanted = version ?? latest;
  if (wanted > latest) {
    throw new ShardmillError(
      'TABLE_VERSION_NOT_FOUND',
      `there is no version ${wanted}: the latest one is ${latest}`,
      { where },
    );
  }
  const checkpoint = files.checkpoints.findLast((one) => one.version <= wanted);
  const uuid = files.uuidCheckpoints.findLast((one) => one <= wanted);
  const first = checkpoint === undefined ? 0 : checkpoint.version + 1;
  const missing = firstMissing(files, first, wanted);
  if (missing === undefined)
    return { version: wanted, checkpoint, commits: between(files, first, wanted) };
  if (uuid !== undefined && firstMissing(files, uuid + 1, wanted) === undefined) {
    throw new ShardmillError(
      'TABLE_UNSUPPORTED',
      `version ${wanted} needs a V2 checkpoint with a UUID in its name (v2Checkpoint), which is not read`,
      {
        where,
        remedy:
          "Set the table's delta.checkpointPolicy to classic and have a checkpoint made, or write the rows to a folder of plain Parquet.",
      },
    );
  }
  const oldest = [...files.commits.keys()][0] ?? 0;
  const cleaned = checkpoint === undefined && missing < oldest;
  if (cleaned && (version !== undefined || files.checkpoints.length > 0)) {
    const readable = files.checkpoints.find(
      (one) => firstMissing(files, one.version + 1, latest) === undefined,
    );
    throw new ShardmillError(
      'TABLE_VERSION_NOT_FOUND',
      `version ${wanted} cannot be read any more: the log begins at version ${oldest}` +
        (readable === undefined ? '' : `, and the first one that can be is ${readable.version}`),
      { where },
    );
  }
  throw new ShardmillError(
    'TABLE_LOG_DAMAGED',
    `the log lacks version ${missing}, without which version ${wanted} is not known`,
    { where },
  );
}

function firstMissing({ commits }: LogFiles, from: number, to: number): number | undefined {
  for (let version = from; version <= to; version++) if (!commits.has(version)) return version;
  return undefined;
}

function between({ commits }: LogFiles, from: number, to: number): ObjectInfo[] {
  return [...commits].flatMap(([version, info]) =>
    version >= from && version <= to ? [info] : [],
  );
}
