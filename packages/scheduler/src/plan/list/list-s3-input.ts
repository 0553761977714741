import path from 'node:path';
import {
  type InputFile,
  type ObjectInfo,
  type ObjectStore,
  parseS3,
  type ReadInput,
  ShardmillError,
  type Stores,
  suggestion,
} from '@shardmill/core';
import { type Glob, hasWildcards, parseGlob } from './glob.js';
import { FoundFiles } from './found-files.js';
import { isHidden } from './input-names.js';
import { emptyFolder, type FoundInput, type InputSource } from './input-source.js';
import { NameSample } from './name-sample.js';
import {
  type FoundTable,
  foldersOfTable,
  ICEBERG_FOLDER,
  METADATA_FOLDERS,
  TableRefusal,
  tableOfMetadata,
} from './table-formats.js';

/**
 * The objects that an `s3://` location means, as if keys were paths: an object, a folder (what
 * begins with the key and a slash), or a glob. Their identity is that of the listing.
 * @throws INPUT_NOT_FOUND, INPUT_EMPTY, INPUT_IS_TABLE, STORE_…
 */
export async function listS3Input(
  location: string,
  stores: Stores,
  read: ReadInput,
  signal?: AbortSignal,
): Promise<FoundInput> {
  const { bucket, key } = parseS3(location);
  const store = stores.open(`s3://${bucket}`);
  const object = key === '' ? undefined : await store.head(key);
  if (object !== undefined) {
    const files = [toFile(store, object)];
    return { source: { kind: 'file', path: location }, files, others: new NameSample() };
  }
  const folder = await listFolder(store, location, key, read, signal);
  if (folder !== undefined) return folder;
  if (!hasWildcards(`/${key}`)) throw await notFound(store, location, key);
  const source = { kind: 'glob', path: location, glob: parseGlob(pathOf(location)) } as const;
  return listGlob(store, source, read, signal);
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
  key: string,
  read: ReadInput,
  signal: AbortSignal | undefined,
): Promise<FoundInput | undefined> {
  const prefix = key === '' ? '' : `${key}/`;
  const files = new FoundFiles();
  const hidden = new Set<string>();
  let found = false;
  for await (const object of store.list(prefix)) {
    signal?.throwIfAborted();
    found = true;
    refuseMetadata(store, object);
    const names = object.key.slice(prefix.length).split('/');
    const firstHidden = names.findIndex(isHidden);
    if (firstHidden >= 0) hidden.add(names.slice(0, firstHidden + 1).join('/'));
    else if (!isFolderMark(object)) files.add(toFile(store, object));
  }
  if (!found && prefix !== '') return undefined;
  await refuseTables(store, foldersOfTable(key).slice(1));
  const { parquet, others } = await files.divide(read);
  if (parquet.length === 0) throw emptyFolder(location, others, hidden.size);
  return { source: { kind: 'folder', path: location }, files: parquet, others };
}

async function listGlob(
  store: ObjectStore,
  source: Extract<InputSource, { kind: 'glob' }>,
  read: ReadInput,
  signal: AbortSignal | undefined,
): Promise<FoundInput> {
  const { glob } = source;
  const files = new FoundFiles();
  const tables = new Map<string, FoundTable>();
  const folders = new Set<string>();
  let matched = 0;
  for await (const object of store.list(keyPrefix(glob))) {
    signal?.throwIfAborted();
    const target = pathOf(store.locate(object.key));
    const table = tableOfMetadata(object.key.split('/'));
    if (table !== undefined) tables.set(table.root, table);
    if (glob.covers(target)) matched++;
    const match = isFolderMark(object) ? undefined : glob.matchOf(target);
    if (match === undefined) continue;
    folders.add(object.key.split('/').slice(0, -1).join('/'));
    if (match === 'file') files.addNamed(toFile(store, object));
    else files.add(toFile(store, object));
  }
  for (const folder of folders) {
    const table = foldersOfTable(folder).flatMap((root) => tables.get(root) ?? [])[0];
    if (table !== undefined) throw new TableRefusal({ ...table, root: store.locate(table.root) });
  }
  const base = glob.base.split('/').slice(2).join('/');
  // What lies directly in the base was listed, unless the pattern begins with a part of a name.
  const listed = keyPrefix(glob) === `${base}/`;
  await refuseTables(store, foldersOfTable(base).slice(listed ? 1 : 0));
  const { parquet, others } = await files.divide(read);
  if (parquet.length > 0) return { source, files: parquet, others };
  if (matched === 0) throw await nothingMatches(store, source);
  throw new ShardmillError(
    'INPUT_EMPTY',
    `the glob matches folders with ${matched} objects, but they hold no Parquet file`,
    { where: source.path },
  );
}

function refuseMetadata(store: ObjectStore, { key }: ObjectInfo): void {
  const table = tableOfMetadata(key.split('/'));
  if (table !== undefined) throw new TableRefusal({ ...table, root: store.locate(table.root) });
}

/** Refuses folders that are those of tables. */
async function refuseTables(store: ObjectStore, folders: readonly string[]): Promise<void> {
  const signs = [...METADATA_FOLDERS.keys(), ICEBERG_FOLDER];
  for (const root of folders.filter((folder) => folder !== '')) {
    for (const sign of signs) {
      for await (const object of store.list(`${root}/${sign}/`)) {
        refuseMetadata(store, object);
        if (sign !== ICEBERG_FOLDER) break;
      }
    }
  }
}

/** The pattern's literal beginning without the bucket. */
function keyPrefix({ prefix }: Pick<Glob, 'prefix'>): string {
  return prefix.split('/').slice(2).join('/');
}

/** An empty object that consoles make to show a folder. */
function isFolderMark({ key }: ObjectInfo): boolean {
  return key.endsWith('/');
}

function toFile(store: ObjectStore, { key, ...info }: ObjectInfo): InputFile {
  return { uri: store.locate(key), ...info };
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

/** Objects that are searched for names: there may be millions, and a hint needs few. */
const MAX_SAMPLED_OBJECTS = 1000;

/** Names directly in a folder, as far as its first objects show them. */
async function namesIn(store: ObjectStore, folder: string): Promise<string[]> {
  const prefix = folder === '' ? '' : `${folder}/`;
  const names = new Set<string>();
  let seen = 0;
  for await (const { key } of store.list(prefix)) {
    names.add(key.slice(prefix.length).split('/')[0] ?? '');
    if (++seen >= MAX_SAMPLED_OBJECTS) break;
  }
  return [...names].filter((name) => name !== '').toSorted();
}
