import path from 'node:path';
import { isS3, isWholeLocation, parentLocation, parseS3, resolveLocation } from '@shardmill/core';
import { hasWildcards, parseGlob } from '../plan/list/glob.js';
import { kindOfName } from '../plan/list/input-names.js';
import { pathOf } from '../plan/list/list-s3-input.js';

/**
 * Where a marker is looked for: a whole location where it says so itself, a name in the folder of
 * each URI: that of a file is the one in which it lies, that of a glob the one before its first wildcard.
 * @param base the folder at which relative locations start.
 * @throws URI_UNSUPPORTED
 */
export function markerLocations(
  marker: string,
  uri: string | readonly string[],
  base: string,
): string[] {
  if (isWholeLocation(marker)) return [resolveLocation(marker, base)];
  const uris = typeof uri === 'string' ? [uri] : uri;
  const folders = uris.map((one) => folderOf(resolveLocation(one, base)));
  return [...new Set(folders)].map((folder) => resolveLocation(marker, folder));
}

function folderOf(location: string): string {
  if (isS3(location)) {
    const { key } = parseS3(location);
    if (hasWildcards(`/${key}`)) return `s3:/${parseGlob(pathOf(location)).base}`;
  } else if (hasWildcards(location)) {
    return parseGlob(location).base;
  }
  return kindOfName(path.basename(location)) === 'parquet' ? parentLocation(location) : location;
}
