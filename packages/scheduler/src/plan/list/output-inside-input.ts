import { realpath } from 'node:fs/promises';
import path from 'node:path';
import {
  isErrno,
  isS3,
  parentLocation,
  partKey,
  runOfPart,
  ShardmillError,
  storageError,
} from '@shardmill/core';
import { isHidden } from './input-names.js';
import type { InputSource } from './input-source.js';
import type { InputListing } from './list-input.js';
import { pathOf } from './list-s3-input.js';

/**
 * Refuses an output location whose results would be read as input by the next run, or that holds
 * parts which are the input of this one.
 * @param output a location in its one form.
 * @param partitionBy columns whose values are folders of the output.
 * @throws OUTPUT_INSIDE_INPUT
 */
export async function refuseOutputInsideInput(
  listing: Pick<InputListing, 'files' | 'sources'>,
  output: string,
  partitionBy: readonly string[] = [],
): Promise<void> {
  // Globs cover every value, or none.
  const folders = partitionBy.map((column) => `${column}=x`);
  const places = await pathsOf(output);
  const sameKind = ({ path: source }: { path: string }): boolean => isS3(source) === isS3(output);
  for (const source of listing.sources.filter(sameKind)) {
    for (const place of places) {
      const inside = source.kind === 'folder' && (await folderCovers(source.path, place));
      if (inside || covers(source, path.join(place, ...folders))) throw refusal(source, output);
    }
  }
  const own = listing.files.find(
    ({ uri }) =>
      isS3(uri) === isS3(output) &&
      outputsOf(uri).some((folder) => places.includes(asPath(folder))) &&
      runOfPart(path.basename(uri)) !== undefined,
  );
  if (own !== undefined) throw refusal({ kind: 'file', path: own.uri }, output);
}

/** Locations of outputs that a file could be a part of: its folder, and those above ones of partitions. */
function outputsOf(uri: string): string[] {
  const folders = [parentLocation(uri)];
  for (;;) {
    const folder = folders.at(-1) ?? '';
    if (!/^[^=]+=/.test(path.basename(folder))) return folders;
    folders.push(parentLocation(folder));
  }
}

function refusal(source: InputSource, output: string): ShardmillError {
  return new ShardmillError(
    'OUTPUT_INSIDE_INPUT',
    `results in ${output} would be read as input of the ${source.kind} ${source.path}`,
    { where: 'output.uri' },
  );
}

function covers(source: InputSource, output: string): boolean {
  if (source.kind !== 'glob') return false;
  return source.glob.covers(path.join(output, partKey('20260101T000000Z-00000000', 0, 0)));
}

async function folderCovers(folder: string, output: string): Promise<boolean> {
  return (await pathsOf(folder)).some((root) => {
    const names = path.relative(root, output).split('/');
    return names[0] !== '..' && !names.some((name) => name !== '' && isHidden(name));
  });
}

const asPath = (location: string): string => (isS3(location) ? pathOf(location) : location);

/** A location as a path: as it is written, and with its links resolved. */
async function pathsOf(location: string): Promise<string[]> {
  if (isS3(location)) return [pathOf(location)];
  return [...new Set([location, await realLocation(location)])];
}

/** The path with the links of its existing part resolved. */
async function realLocation(target: string): Promise<string> {
  try {
    return await realpath(target);
  } catch (error) {
    if (!isErrno(error, 'ENOENT', 'ENOTDIR')) throw storageError(error, target, 'write');
    const parent = path.dirname(target);
    return parent === target
      ? target
      : path.join(await realLocation(parent), path.basename(target));
  }
}
