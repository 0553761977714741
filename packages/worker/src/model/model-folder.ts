import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { isBelow, ShardmillError } from '@shardmill/core';

/**
 * Refuses a local file of weights that lies outside of its model's folder, by its name or through
 * links. Where the model itself is a link, as in caches of downloads, its folder is also the one
 * that the link leads to.
 * @throws MODEL_INVALID
 */
export async function requireBelowModel(
  weights: string,
  name: string,
  modelPath: string,
): Promise<void> {
  const folder = path.dirname(modelPath);
  if (path.isAbsolute(name) || !isBelow(weights, folder)) throw weightsElsewhere(name, modelPath);
  // Weights that are not there are reported when they are opened.
  const real = await realpath(weights).catch(() => undefined);
  if (real === undefined) return;
  const [realFolder, realModel] = await Promise.all([realpath(folder), realpath(modelPath)]);
  if (isBelow(real, realFolder) || isBelow(real, path.dirname(realModel))) return;
  throw weightsElsewhere(name, modelPath);
}

export function weightsElsewhere(name: string, model: string): ShardmillError {
  return new ShardmillError(
    'MODEL_INVALID',
    `its weights are in "${name}", which is not below the model's folder`,
    { where: model },
  );
}
