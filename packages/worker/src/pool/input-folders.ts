import { stat } from 'node:fs/promises';
import path from 'node:path';
import { isS3 } from '@shardmill/core';

/** Folders of this machine that hold everything that the locations name: what a job's SQL may read. */
export async function inputFolders(locations: readonly string[]): Promise<string[]> {
  return Promise.all(locations.filter((location) => !isS3(location)).map(folderOf));
}

/** A location up to its first wildcard. */
async function folderOf(location: string): Promise<string> {
  const info = await stat(location).catch(() => undefined);
  if (info?.isDirectory() === true) return location;
  const wildcard = info === undefined ? location.search(/[*?[{]/) : -1;
  return path.dirname(wildcard < 0 ? location : location.slice(0, wildcard + 1));
}
