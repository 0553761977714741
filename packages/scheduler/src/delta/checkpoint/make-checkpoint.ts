import {
  type InputFile,
  type ObjectInfo,
  type ObjectStore,
  type WriteCheckpoint,
  type WrittenCheckpoint,
} from '@shardmill/core';
import { chooseSegment } from '../log/choose-segment.js';
import { checkpointKey, LAST_CHECKPOINT_KEY, listLog, LOG_PREFIX } from '../log/log-files.js';
import type { CheckpointPolicy } from './checkpoint-policy.js';

export interface MakeCheckpointRequest {
  readonly store: ObjectStore;
  readonly version: number;
  readonly policy: CheckpointPolicy;
  readonly now: Date;
  readonly write: WriteCheckpoint;
}

/**
 * Has a checkpoint of a version written, and notes it in `_last_checkpoint` after that. A version that
 * has one, or that a later one has made needless, gets none.
 * @throws TABLE_…, STORE_…
 */
export async function makeCheckpoint(
  request: MakeCheckpointRequest,
): Promise<WrittenCheckpoint | undefined> {
  const { store, version, policy, now, write } = request;
  const log = await listLog(store);
  if (log === undefined || log.checkpoints.some((known) => known.version >= version)) {
    return undefined;
  }
  const where = store.locate(LOG_PREFIX.slice(0, -1));
  const { checkpoint, commits } = chooseSegment(log, version, where);
  const fileOf = ({ key, bytes, etag }: ObjectInfo): InputFile => ({
    uri: store.locate(key),
    bytes,
    etag,
  });
  const written = await write({
    table: store.uri,
    key: checkpointKey(version),
    version,
    previous: checkpoint && {
      version: checkpoint.version,
      files: checkpoint.files.map(fileOf),
    },
    commits: commits.map(fileOf),
    removedSince: Math.max(0, now.getTime() - policy.removedMs),
    transactionsSince: Number.isFinite(policy.transactionsMs)
      ? now.getTime() - policy.transactionsMs
      : undefined,
  });
  // Whichever program wrote one that is there notes it.
  if (written.created) await noteCheckpoint(store, version, written);
  return written;
}

/** A hint for readers, who would find a newer checkpoint after it all the same. */
async function noteCheckpoint(
  store: ObjectStore,
  version: number,
  { actions, files, bytes }: WrittenCheckpoint,
): Promise<void> {
  const hint = { version, size: actions, sizeInBytes: bytes, numOfAddFiles: files };
  await store.replace(LAST_CHECKPOINT_KEY, Buffer.from(JSON.stringify(hint)));
}
