import { stat } from 'node:fs/promises';
import {
  fileEtag,
  isErrno,
  isS3,
  type PlannedPart,
  type PlannedShard,
  ShardmillError,
  storageError,
} from '@shardmill/core';
import type { InputFiles, ShardFiles } from './input-files.js';

/**
 * Files of this machine, read where they are. Nothing keeps others from writing to them, so that
 * they are held against the plan before a part is read and once more after.
 */
export class LocalInputs implements InputFiles {
  open(shard: PlannedShard): ShardFiles {
    return {
      pathOf: (uri) => uri,
      stage: async (part) => {
        await checkInputs(shard, part);
        return 0;
      },
      check: (part) => checkInputs(shard, part),
      close: async () => {},
    };
  }
}

async function checkInputs(shard: PlannedShard, part: PlannedPart): Promise<void> {
  for (const index of new Set(part.slices.map((slice) => slice.file))) {
    const file = shard.files[index];
    if (file === undefined || isS3(file.uri)) continue;
    const now = await identity(file.uri);
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
