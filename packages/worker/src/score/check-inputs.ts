import { stat } from 'node:fs/promises';
import {
  fileEtag,
  isErrno,
  type PlannedPart,
  type PlannedShard,
  ShardmillError,
  storageError,
} from '@shardmill/core';

/**
 * Holds the files of a part against the identity that the plan pinned.
 * @throws INPUT_CHANGED where a file is another one now, or gone.
 */
export async function checkInputs(
  shard: PlannedShard,
  part: PlannedPart,
  pathOf: (uri: string) => string,
): Promise<void> {
  for (const index of new Set(part.slices.map((slice) => slice.file))) {
    const file = shard.files[index];
    if (file === undefined) continue;
    const now = await identity(pathOf(file.uri));
    if (now === file.etag) continue;
    throw new ShardmillError(
      'INPUT_CHANGED',
      now === undefined ? 'the file is gone' : 'the file is not the one that was planned',
      { where: file.uri },
    );
  }
}

async function identity(path: string): Promise<string | undefined> {
  try {
    return fileEtag(await stat(path, { bigint: true }));
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw storageError(error, path, 'read');
  }
}
