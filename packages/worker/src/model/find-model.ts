import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isS3, parentLocation, type Scoring, ShardmillError, type Stores } from '@shardmill/core';
import { filesOf, MODEL_NAME, ModelCache } from './model-cache.js';
import {
  aboutWeights,
  hashModelFile,
  type ModelFiles,
  readModelFiles,
  verifyModelFiles,
} from './model-files.js';
import { weightsElsewhere } from './model-folder.js';
import { readOnnxFile } from './onnx-file.js';

/** A model's files under their own locations, and where it can be loaded from. */
export interface FoundModel extends ModelFiles {
  /** On this machine. */
  readonly path: string;
}

/** Finds models wherever they are; those of object storage are kept on disk by their digest. */
export class ModelFinder {
  readonly #cache: ModelCache;

  constructor(cacheFolder: string, stores: Stores) {
    this.#cache = new ModelCache(cacheFolder, stores);
  }

  /**
   * The model at a location as it is now; where it is pinned and cached, the store is not asked.
   * @param sha256 the digest that the job pins.
   * @param mayRead is asked for each file of external data, and throws where not.
   * @throws MODEL_NOT_FOUND, MODEL_INVALID, MODEL_SHA256_MISMATCH, STORE_…
   */
  async find(
    location: string,
    sha256?: string,
    mayRead: (file: string) => Promise<void> = async () => {},
  ): Promise<FoundModel> {
    if (!isS3(location)) {
      return { ...(await readModelFiles(location, sha256, mayRead)), path: location };
    }
    const here = await this.#findHere(location, sha256);
    if (here !== undefined) {
      for (const { uri } of here.externalData) await mayRead(uri);
      return here;
    }
    return this.#fetch(location, sha256, mayRead);
  }

  /**
   * The path of exactly the planned model.
   * @throws MODEL_CHANGED, MODEL_NOT_FOUND, STORE_…
   */
  async locate(model: Scoring['model']): Promise<string> {
    if (!isS3(model.uri)) {
      await verifyModelFiles(model);
      return model.uri;
    }
    const files = filesOf(model);
    const here = await this.#cache.find(files);
    if (here !== undefined) return here;
    const folder = await this.#cache.newFolder();
    try {
      for (const file of files) {
        const fetched = await this.#cache.fetch(file, folder.path);
        const { sha256 } = await hashModelFile(fetched.path);
        if (sha256 === file.sha256) continue;
        throw new ShardmillError(
          'MODEL_CHANGED',
          `planned with SHA-256 ${file.sha256}, now ${sha256}`,
          { where: file.uri },
        );
      }
      return await this.#cache.keep(folder.path, files);
    } finally {
      await folder.remove();
    }
  }

  async #findHere(location: string, sha256: string | undefined): Promise<FoundModel | undefined> {
    const single = sha256 === undefined ? undefined : await this.#cache.findSingle(sha256);
    const file = single ?? (await this.#cache.findSeen(location));
    if (file === undefined) return undefined;
    const found = await readAt(file, location, sha256);
    // A file that was changed in the cache is not used.
    return (await this.#cache.find(filesOf(found))) === file ? found : undefined;
  }

  async #fetch(
    location: string,
    sha256: string | undefined,
    mayRead: (file: string) => Promise<void>,
  ): Promise<FoundModel> {
    const folder = await this.#cache.newFolder();
    const etags = new Map<string, string>();
    const fetch = async (uri: string, name: string): Promise<string> => {
      const fetched = await this.#cache.fetch({ uri, name }, folder.path);
      if (fetched.etag !== undefined) etags.set(uri, fetched.etag);
      return fetched.path;
    };
    try {
      const file = await fetch(location, MODEL_NAME);
      for (const name of readOnnxFile(await readFile(file))?.externalFiles ?? []) {
        const weights = weightsAt(location, name);
        await mayRead(weights);
        await fetch(weights, path.posix.normalize(name)).catch((error: unknown) => {
          throw aboutWeights(error, name);
        });
      }
      const found = await readAt(file, location, sha256);
      return { ...found, path: await this.#cache.keep(folder.path, filesOf(found), etags) };
    } finally {
      await folder.remove();
    }
  }
}

/** What was thrown about a model's local files, with their own locations in their place. */
export function aboutModel(thrown: unknown, model: { path: string; uri: string }): unknown {
  if (!(thrown instanceof ShardmillError) || thrown.where === undefined) return thrown;
  if (model.path === model.uri) return thrown;
  const { code, message, where, remedy } = thrown;
  const below = path.relative(path.dirname(model.path), where);
  if (below.startsWith('..')) return thrown;
  const own = where === model.path ? model.uri : `${parentLocation(model.uri)}/${below}`;
  return new ShardmillError(code, message, { where: own, remedy, cause: thrown });
}

async function readAt(
  file: string,
  location: string,
  sha256: string | undefined,
): Promise<FoundModel> {
  const model = { path: file, uri: location };
  try {
    const files = await readModelFiles(file, sha256);
    const externalData = files.externalData.map((weights) => ({
      ...weights,
      uri: weightsAt(location, path.relative(path.dirname(file), weights.uri)),
    }));
    return { ...files, ...model, externalData };
  } catch (error) {
    throw aboutModel(error, model);
  }
}

/** @throws MODEL_INVALID where the weights are not below the model's own folder. */
function weightsAt(location: string, name: string): string {
  const below = path.posix.normalize(name);
  if (!path.posix.isAbsolute(below) && !/^\.\.?(\/|$)/.test(below)) {
    return `${parentLocation(location)}/${below}`;
  }
  throw weightsElsewhere(name, location);
}
