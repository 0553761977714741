import path from 'node:path';
import {
  type InputFile,
  type ObjectInfo,
  type ObjectStore,
  parseS3,
  ShardmillError,
  type Stores,
  suggestion,
} from '@shardmill/core';
import { type Glob, hasWildcards, parseGlob } from './glob.js';
import { isHidden, isParquetName } from './input-names.js';
import { emptyFolder, type FoundInput, type InputSource, inByteOrder } from './input-source.js';

/**
 * The objects that an `s3://` location means, as if keys were paths: an object, a folder (what
 * begins with the key and a slash), or a glob. Their identity is that of the listing.
 * @throws INPUT_NOT_FOUND, INPUT_EMPTY, STORE_…
 */
export async function listS3Input(location: string, stores: Stores): Promise<FoundInput> {
  const { bucket, key } = parseS3(location);
  const store = stores.open(`s3://${bucket}`);
  const object = key === '' ? undefined : await store.head(key);
  if (object !== undefined) {
    return { source: { kind: 'file', path: location }, files: [toFile(store, object)] };
  }
  const folder = await listFolder(store, location, key === '' ? '' : `${key}/`);
  if (folder !== undefined) return folder;
  if (!hasWildcards(`/${key}`)) throw await notFound(store, location, key);
  const source = { kind: 'glob', path: location, glob: parseGlob(pathOf(location)) } as const;
  return listGlob(store, source);
}

/** An `s3://` location as a path, so that rules for paths hold for both. */
export function pathOf(location: string): string {
  const { bucket, key } = parseS3(location);
  return path.posix.join('/', bucket, key);
}

/** @returns undefined where no key begins so. */
async function listFolder(
  store: ObjectStore,
  location: string,
  prefix: string,
): Promise<FoundInput | undefined> {
  const files: InputFile[] = [];
  const hidden = new Set<string>();
  let [found, others] = [false, 0];
  for await (const object of store.list(prefix)) {
    found = true;
    const names = object.key.slice(prefix.length).split('/');
    const firstHidden = names.findIndex(isHidden);
    if (firstHidden >= 0) hidden.add(names.slice(0, firstHidden + 1).join('/'));
    else if (isFolderMark(object)) continue;
    else if (isParquetName(object.key)) files.push(toFile(store, object));
    else others++;
  }
  if (!found && prefix !== '') return undefined;
  if (files.length === 0) throw emptyFolder(location, { others, hidden: hidden.size });
  return { source: { kind: 'folder', path: location }, files: sorted(files) };
}

async function listGlob(
  store: ObjectStore,
  source: Extract<InputSource, { kind: 'glob' }>,
): Promise<FoundInput> {
  const { glob } = source;
  const files: InputFile[] = [];
  let matched = 0;
  for await (const object of store.list(keyPrefix(glob))) {
    const target = pathOf(store.locate(object.key));
    if (glob.covers(target)) matched++;
    if (!isFolderMark(object) && glob.takes(target)) files.push(toFile(store, object));
  }
  if (files.length > 0) return { source, files: sorted(files) };
  if (matched === 0) throw await nothingMatches(store, source);
  throw new ShardmillError(
    'INPUT_EMPTY',
    `the glob matches folders with ${matched} objects, but they hold no Parquet file`,
    { where: source.path },
  );
}

/** The pattern's literal beginning without the bucket. */
function keyPrefix({ prefix }: Pick<Glob, 'prefix'>): string {
  return prefix.split('/').slice(2).join('/');
}

/** An empty object that consoles make to show a folder. */
function isFolderMark({ key }: ObjectInfo): boolean {
  return key.endsWith('/');
}

function toFile(store: ObjectStore, { key, bytes, etag }: ObjectInfo): InputFile {
  return { uri: store.locate(key), bytes, etag };
}

/** In the order of bytes, whatever order the store lists in. */
function sorted(files: readonly InputFile[]): InputFile[] {
  const byUri = new Map(files.map((file) => [file.uri, file]));
  return inByteOrder([...byUri.keys()]).flatMap((uri) => byUri.get(uri) ?? []);
}

async function notFound(
  store: ObjectStore,
  location: string,
  key: string,
): Promise<ShardmillError> {
  const names = key.split('/');
  for (let depth = names.length - 1; ; depth--) {
    const folder = names.slice(0, depth).join('/');
    const siblings = await namesIn(store, folder);
    if (siblings.length === 0 && depth > 0) continue;
    const name = names[depth] ?? '';
    const place = folder === '' ? store.uri : store.locate(folder);
    const near = siblings.length === 0 ? ' The bucket is empty.' : suggestion(name, siblings);
    return new ShardmillError('INPUT_NOT_FOUND', `there is no "${name}" in ${place}.${near}`, {
      where: location,
    });
  }
}

async function nothingMatches(
  store: ObjectStore,
  { path: location, glob }: Extract<InputSource, { kind: 'glob' }>,
): Promise<ShardmillError> {
  const folder = glob.base.split('/').slice(2).join('/');
  const siblings = await namesIn(store, folder);
  if (siblings.length === 0 && folder !== '') return notFound(store, location, folder);
  const pattern = path.posix.relative(glob.base, pathOf(location));
  const place = folder === '' ? store.uri : store.locate(folder);
  return new ShardmillError(
    'INPUT_NOT_FOUND',
    `nothing in ${place} matches "${pattern}".${suggestion(pattern, siblings)}`,
    { where: location },
  );
}

/** Objects that are looked at for names: there may be millions, and a hint needs few. */
const LOOKED_AT = 1000;

/** Names directly in a folder, as far as its first objects tell them. */
async function namesIn(store: ObjectStore, folder: string): Promise<string[]> {
  const prefix = folder === '' ? '' : `${folder}/`;
  const names = new Set<string>();
  let seen = 0;
  for await (const { key } of store.list(prefix)) {
    names.add(key.slice(prefix.length).split('/')[0] ?? '');
    if (++seen >= LOOKED_AT) break;
  }
  return [...names].filter((name) => name !== '').toSorted();
}
