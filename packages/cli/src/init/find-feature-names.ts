import path from 'node:path';
import { isS3, type ModelDescription, parentLocation, type Stores } from '@shardmill/core';
import { type FeatureNames, namesFiles, namesOfFile, namesOfMetadata } from './feature-names.js';

/** A model in text form is not read for its names if it is larger. */
const MAX_BYTES = 64 * 1024 * 1024;

/** The names of the columns that a model was trained with, as the model or a file beside it has them. */
export async function findFeatureNames(
  model: Pick<ModelDescription, 'uri' | 'metadata'>,
  stores: Stores,
): Promise<FeatureNames | undefined> {
  const own = namesOfMetadata(model.metadata);
  if (own !== undefined) return own;
  const folder = parentLocation(model.uri);
  const base = isS3(model.uri) ? path.posix.basename(model.uri) : path.basename(model.uri);
  for (const file of namesFiles(base)) {
    const { store, key } = stores.objectAt(
      isS3(folder) ? `${folder}/${file}` : path.join(folder, file),
    );
    // What cannot be read is no help, and no harm.
    const info = await store.head(key).catch(() => undefined);
    if (info === undefined || info.bytes > MAX_BYTES) continue;
    const bytes = await store.read(key).catch(() => undefined);
    const names =
      bytes === undefined ? undefined : namesOfFile(file, new TextDecoder().decode(bytes));
    if (names !== undefined) return names;
  }
  return undefined;
}
