import { createHash } from 'node:crypto';
import { chmod, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  isErrno,
  type ModelFile,
  parentLocation,
  type Scoring,
  ShardmillError,
  type Stores,
  storageError,
  makeFolder,
} from '@shardmill/core';
import { makeWorkFolder, type WorkFolder } from '../stage/work-folder.js';
import { SeenModels } from './seen-models.js';

/** Where a file of a model is fetched from, and its path in the folder of the model. */
export interface ModelFileSource {
  readonly uri: string;
  readonly name: string;
}
export type PinnedPart = ModelFile & ModelFileSource;

/** The model itself, by a name that its weights do not have. */
export const MODEL_NAME = 'shardmill-model.onnx';

/**
 * Models of object storage on this machine's disk, by their content:
 * ```
 * models/<digest>/       the files of one model; there whole, or not at all
 * models/seen/<location> which digest an ETag stood for
 * models/tmp/            what is being fetched
 * ```
 * Several processes may use one folder.
 */
export class ModelCache {
  readonly #folder: string;
  readonly #seen: SeenModels;

  constructor(
    cacheFolder: string,
    readonly stores: Stores,
  ) {
    this.#folder = path.join(cacheFolder, 'models');
    this.#seen = new SeenModels(path.join(this.#folder, 'seen'), (uri) => this.#etagOf(uri));
  }

  /** The path of the model whose files have these digests and sizes, or undefined. */
  async find(files: readonly PinnedPart[]): Promise<string | undefined> {
    const folder = path.join(this.#folder, digestOf(files));
    for (const { name, bytes } of files) {
      if ((await sizeOf(path.join(folder, name))) === bytes) continue;
      // It was complete once: a file was changed or deleted since.
      await rm(folder, { recursive: true, force: true });
      return undefined;
    }
    return path.join(folder, MODEL_NAME);
  }

  /** The path of a model by the digest of its only file, or undefined. */
  async findSingle(sha256: string): Promise<string | undefined> {
    const target = path.join(this.#folder, sha256.toLowerCase(), MODEL_NAME);
    return (await sizeOf(target)) === undefined ? undefined : target;
  }

  /** The path of the model at a location, where it has not changed since it was fetched. */
  async findSeen(location: string): Promise<string | undefined> {
    const digest = await this.#seen.find(location);
    return digest === undefined ? undefined : this.findSingle(digest);
  }

  /** A folder into which a model's files are fetched before they are kept. */
  newFolder(): Promise<WorkFolder> {
    return makeWorkFolder(path.join(this.#folder, 'tmp'));
  }

  /**
   * Fetches one file of a model into such a folder.
   * @returns its path, and its ETag where it stayed the same meanwhile.
   * @throws MODEL_NOT_FOUND, MODEL_CHANGED, DISK_FULL, STORE_…
   */
  async fetch(
    { uri, name }: ModelFileSource,
    folder: string,
  ): Promise<{ path: string; etag: string | undefined }> {
    const before = await this.#etagOf(uri);
    const { store, key } = this.stores.objectAt(uri);
    const copy = await store.localCopy(key, folder).catch((error: unknown) => {
      if (!(error instanceof ShardmillError) || error.code !== 'INPUT_CHANGED') throw error;
      const message = 'it was replaced while it was fetched';
      throw new ShardmillError('MODEL_CHANGED', message, { where: uri });
    });
    if (copy === undefined) {
      throw new ShardmillError('MODEL_NOT_FOUND', 'there is no such object', { where: uri });
    }
    const target = path.join(folder, name);
    try {
      await makeFolder(path.dirname(target));
      await rename(copy.path, target);
      await chmod(target, 0o444);
    } catch (error) {
      throw storageError(error, target, 'write');
    }
    const after = await this.#etagOf(uri);
    return { path: target, etag: after === before ? after : undefined };
  }

  /**
   * Puts a folder with these files into its place; of several processes the first one wins.
   * @param etags of all of them where they are to be remembered.
   */
  async keep(
    folder: string,
    files: readonly PinnedPart[],
    etags?: ReadonlyMap<string, string>,
  ): Promise<string> {
    const digest = digestOf(files);
    const target = path.join(this.#folder, digest);
    try {
      await rename(folder, target);
    } catch (error) {
      if (!isErrno(error, 'ENOTEMPTY', 'EEXIST')) throw storageError(error, target, 'write');
    }
    const model = files[0]?.uri;
    if (etags?.size === files.length && model !== undefined) {
      await this.#seen.remember(model, digest, etags);
    }
    return path.join(target, MODEL_NAME);
  }

  async #etagOf(uri: string): Promise<string | undefined> {
    const { store, key } = this.stores.objectAt(uri);
    return (await store.head(key))?.etag;
  }
}

/** The files of a model with their names in its folder. */
export function filesOf({
  uri,
  sha256,
  bytes,
  externalData,
}: Pick<Scoring['model'], 'uri' | 'sha256' | 'bytes' | 'externalData'>): PinnedPart[] {
  const start = parentLocation(uri).length + 1;
  return [
    { uri, sha256, bytes, name: MODEL_NAME },
    ...externalData.map((file) => ({ ...file, name: file.uri.slice(start) })),
  ];
}

/** A model of one file has that file's digest, another one that of the list of its files. */
function digestOf(files: readonly PinnedPart[]): string {
  const [only] = files;
  if (files.length === 1 && only !== undefined) return only.sha256;
  const list = files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join('');
  return createHash('sha256').update(list).digest('hex');
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw storageError(error, file, 'read');
  }
}
