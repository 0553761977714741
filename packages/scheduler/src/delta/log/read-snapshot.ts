import {
  type InputFile,
  mapInOrder,
  type ObjectInfo,
  type ObjectStore,
  ShardmillError,
} from '@shardmill/core';
import { parseAction, parseActions } from './actions.js';
import { chooseSegment } from './choose-segment.js';
import { LOG_PREFIX, type LogFiles } from './log-files.js';
import { Replay, type Snapshot } from './snapshot.js';

/** Reads the lines of a checkpoint's file, which needs DuckDB; see `JobBinder`. */
export type ReadCheckpoint = (file: InputFile) => Promise<readonly string[]>;

export interface LogReader {
  readonly store: ObjectStore;
  /** Where left out, a version that needs a checkpoint cannot be read. */
  readonly readCheckpoint?: ReadCheckpoint | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Commits that are read ahead. */
const READ_AHEAD = 16;
/** Bytes of one commit. */
const MAX_COMMIT_BYTES = 256 * 1024 * 1024;

/**
 * The state of a table at a version.
 * @param version the newest where left out.
 * @throws TABLE_VERSION_NOT_FOUND, TABLE_LOG_DAMAGED, TABLE_UNSUPPORTED, STORE_…
 */
export async function readSnapshot(
  { store, readCheckpoint, signal }: LogReader,
  files: LogFiles,
  version?: number,
): Promise<Snapshot> {
  const where = store.locate(LOG_PREFIX.slice(0, -1));
  const segment = chooseSegment(files, version, where);
  const replay = new Replay(where);
  for (const info of segment.checkpoint?.files ?? []) {
    if (readCheckpoint === undefined) {
      throw new ShardmillError(
        'TABLE_UNSUPPORTED',
        'this version of the table needs a checkpoint, which is read only when a run is planned',
        { where: store.locate(info.key), remedy: 'Use plan or run, or the files of the table.' },
      );
    }
    const uri = store.locate(info.key);
    const lines = await readCheckpoint({ uri, bytes: info.bytes, etag: info.etag });
    for (const [index, line] of lines.entries()) replay.apply(parseAction(line, uri, index + 1));
  }
  await replayCommits({ store, signal }, segment.commits, replay);
  return replay.snapshot(segment.version);
}

/** Applies commits in their order. @throws TABLE_LOG_DAMAGED, TABLE_UNSUPPORTED, STORE_… */
async function replayCommits(
  { store, signal }: Pick<LogReader, 'store' | 'signal'>,
  commits: readonly ObjectInfo[],
  replay: Replay,
): Promise<void> {
  const read = mapInOrder(eachOf(commits), READ_AHEAD, async (info) => {
    signal?.throwIfAborted();
    return { info, bytes: await readCommit(store, info) };
  });
  for await (const { info, bytes } of read) {
    for (const action of parseActions(bytes, store.locate(info.key))) replay.apply(action);
  }
}

async function* eachOf<T>(items: readonly T[]): AsyncIterable<T> {
  yield* items;
}

/** @throws TABLE_LOG_DAMAGED, TABLE_UNSUPPORTED, STORE_… */
export async function readCommit(store: ObjectStore, info: ObjectInfo): Promise<Uint8Array> {
  const where = store.locate(info.key);
  if (info.bytes > MAX_COMMIT_BYTES) {
    throw new ShardmillError(
      'TABLE_UNSUPPORTED',
      `the commit has ${info.bytes} bytes; up to ${MAX_COMMIT_BYTES} are read`,
      { where },
    );
  }
  const bytes = await store.read(info.key);
  if (bytes !== undefined) return bytes;
  throw new ShardmillError('TABLE_LOG_DAMAGED', 'the commit was there, and is gone', { where });
}
