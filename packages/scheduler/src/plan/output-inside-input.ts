import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { isErrno, partKey, runOfPart, ShardmillError, storageError } from '@shardmill/core';
import { isHidden } from './glob.js';
import type { InputListing, InputSource } from './list-input.js';

/**
 * Refuses an output location whose results would be read as input by the next run, or that holds
 * parts which are the input of this one.
 * @param output absolute path.
 * @throws OUTPUT_INSIDE_INPUT
 */
export async function refuseOutputInsideInput(
  listing: Pick<InputListing, 'files' | 'sources'>,
  output: string,
): Promise<void> {
  const places = new Set([output, await realLocation(output)]);
  for (const source of listing.sources) {
    for (const place of places) {
      const inside = source.kind === 'folder' && (await folderCovers(source.path, place));
      if (inside || covers(source, place)) throw refusal(source, output);
    }
  }
  const own = listing.files.find(
    ({ uri }) => places.has(path.dirname(uri)) && runOfPart(path.basename(uri)) !== undefined,
  );
  if (own !== undefined) throw refusal({ kind: 'file', path: own.uri }, output);
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
  return [folder, await realLocation(folder)].some((root) => {
    const names = path.relative(root, output).split('/');
    return names[0] !== '..' && !names.some((name) => name !== '' && isHidden(name));
  });
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
