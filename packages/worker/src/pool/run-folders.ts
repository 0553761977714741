import path from 'node:path';
import { isS3, type Plan, STATE_PREFIX } from '@shardmill/core';
import { makeWorkFolder } from '../stage/work-folder.js';
import { inputFolders } from './input-folders.js';

/** Folders of this machine that the engines of a run use. */
export interface RunFolders {
  readonly inputFolders: readonly string[];
  readonly stagingFolder: string;
  readonly temporaryFolder: string;
  /** Removes those that are only for this process. */
  close(): Promise<void>;
}

/**
 * Makes the folders that a run needs: for unfinished parts beside a local output, so that finished
 * ones can be linked to their names, and all else below the cache folder.
 * @throws OUTPUT_NOT_WRITABLE, DISK_FULL
 */
export async function openRunFolders(
  { inputUris, scoring }: Pick<Plan, 'inputUris' | 'scoring'>,
  cacheFolder: string,
): Promise<RunFolders> {
  const { uri } = scoring.output;
  const cache = path.join(cacheFolder, 'work');
  const temporary = await makeWorkFolder(isS3(uri) ? cache : path.join(uri, STATE_PREFIX, 'tmp'));
  try {
    const staging = inputUris.some(isS3) && !isS3(uri) ? await makeWorkFolder(cache) : temporary;
    return {
      inputFolders: await inputFolders(inputUris),
      stagingFolder: staging.path,
      temporaryFolder: temporary.path,
      close: async () => {
        await Promise.all([staging.remove(), temporary.remove()]);
      },
    };
  } catch (error) {
    await temporary.remove();
    throw error;
  }
}
