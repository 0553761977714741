import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import {
  isS3,
  type ModelDescription,
  type ModelFile,
  type ObjectStore,
  parentLocation,
  ShardmillError,
  STATE_PREFIX,
  type Stores,
} from '@shardmill/core';
import { digestOfModel, modelFilesPrefix } from '@shardmill/scheduler';
import { defaultCacheFolder, hashModelFile, makeWorkFolder } from '@shardmill/worker';

interface CopyPlaces {
  readonly stores: Pick<Stores, 'objectAt'>;
  /** The store of the state location. */
  readonly state: ObjectStore;
  readonly cacheFolder?: string | undefined;
}

/** The files of a model, of which `uri` is a key of the state location. */
export interface CopiedModel {
  readonly file: ModelFile;
  readonly externalData: ModelFile[];
}

/**
 * Copies a model into the state location: into a folder that is named for what is in it, where each file
 * is created once. What a copy that died half-way has left is completed by the next one.
 * @throws MODEL_CHANGED where a file is not what was inspected; STORE_…, DISK_FULL
 */
export async function copyModel(
  name: string,
  model: Pick<ModelDescription, 'uri' | 'sha256' | 'bytes' | 'externalData'>,
  places: CopyPlaces,
): Promise<CopiedModel> {
  const { uri, sha256, bytes, externalData } = model;
  const own = { uri, sha256, bytes };
  const folder = modelFilesPrefix(name, digestOfModel({ file: own, externalData }));
  const below = (file: ModelFile): string => file.uri.slice(parentLocation(uri).length + 1);
  const copies: ModelFile[] = [];
  for (const [from, key] of [
    [own, `${folder}model.onnx`] as const,
    ...externalData.map((file) => [file, folder + below(file)] as const),
  ]) {
    await copyOnce(from, key, places);
    copies.push({ ...from, uri: key });
  }
  const [file = own, ...weights] = copies;
  return { file, externalData: weights };
}

async function copyOnce(
  from: ModelFile,
  key: string,
  { stores, state, cacheFolder = defaultCacheFolder() }: CopyPlaces,
): Promise<void> {
  if ((await state.head(key))?.bytes === from.bytes) return;
  // A file is linked to its name: it has to lie in the same file system.
  const base = isS3(state.uri)
    ? path.join(cacheFolder, 'work')
    : state.locate(`${STATE_PREFIX}tmp`);
  const folder = await makeWorkFolder(base);
  try {
    const { store, key: source } = stores.objectAt(from.uri);
    const found = await store.localCopy(source, folder.path);
    if (found === undefined) throw changed(from, 'it is gone');
    const staged = isS3(from.uri) ? found.path : path.join(folder.path, 'model');
    if (staged !== found.path) await copyFile(found.path, staged);
    const { sha256 } = await hashModelFile(staged);
    if (sha256 !== from.sha256) throw changed(from, `it had SHA-256 ${from.sha256}, now ${sha256}`);
    await state.create(key, { path: staged });
  } finally {
    await folder.remove();
  }
}

const changed = ({ uri }: ModelFile, how: string): ShardmillError =>
  new ShardmillError('MODEL_CHANGED', `the file changed while it was copied: ${how}`, {
    where: uri,
    remedy: 'Add it again when nothing writes to it any more.',
  });
