import {
  isErrno,
  isS3,
  NotRegularFile,
  placeWithin,
  readRegularFile,
  resolveLocation,
  ShardmillError,
  type Stores,
  storageError,
} from '@shardmill/core';
import type { RefusedImage } from './decode-image.js';

/** Where images may be fetched from, and how large one may be. */
export interface ImagePlace {
  readonly from: string;
  readonly maxBytes: number;
}

/**
 * The image that a row names: a path below `from`, or a whole location that lies there. What the
 * data says decides what is opened, so nothing else is, whatever `allow.inputs` names.
 * @throws STORE_DENIED, STORE_UNREACHABLE, INPUT_UNREADABLE: not the row's fault
 */
export async function fetchImage(
  uri: string,
  { from, maxBytes }: ImagePlace,
  stores: Pick<Stores, 'objectAt'>,
): Promise<Uint8Array | RefusedImage> {
  const place = await placeOf(uri, from);
  if (typeof place !== 'string') return place;
  const bytes = isS3(place)
    ? await fetchObject(place, maxBytes, stores)
    : await readFile(place, maxBytes);
  if ('refused' in bytes || bytes.byteLength <= maxBytes) return bytes;
  return tooLarge(maxBytes);
}

async function placeOf(uri: string, from: string): Promise<string | RefusedImage> {
  let location: string;
  try {
    location = resolveLocation(uri, from);
  } catch (error) {
    if (error instanceof ShardmillError) return { refused: `${error.code}: ${error.message}` };
    return { refused: 'URI_UNSUPPORTED: it is no path and no location' };
  }
  if (location.includes('\0')) return { refused: 'names no file: it holds a NUL character' };
  return (
    (await placeWithin(location, from)) ?? {
      refused: `LOCATION_FORBIDDEN: it lies outside of ${from}`,
    }
  );
}

async function fetchObject(
  place: string,
  maxBytes: number,
  stores: Pick<Stores, 'objectAt'>,
): Promise<Uint8Array | RefusedImage> {
  const { store, key } = stores.objectAt(place);
  try {
    return await store.readRange(key, 0, maxBytes + 1);
  } catch (error) {
    if (error instanceof ShardmillError && error.code === 'INPUT_NOT_FOUND') return NOT_THERE;
    throw error;
  }
}

async function readFile(place: string, maxBytes: number): Promise<Uint8Array | RefusedImage> {
  try {
    return await readRegularFile(place, maxBytes);
  } catch (error) {
    if (error instanceof RangeError) return tooLarge(maxBytes);
    if (error instanceof NotRegularFile) return { refused: `names ${error.kind}, not a file` };
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP')) return NOT_THERE;
    throw storageError(error, place, 'read');
  }
}

const NOT_THERE: RefusedImage = { refused: 'names no file' };
const tooLarge = (maxBytes: number): RefusedImage => ({
  refused: `is larger than ${maxBytes} bytes (maxBytes)`,
});
