import type { ModelDescription } from '@shardmill/core';
import type { LoadedModel } from '../lane/lane-pool.js';
import { aboutModel, type ModelFinder } from '../model/find-model.js';
import { type LocalModel, localModel } from '../model/model-content.js';

/** An ONNX model's inputs, outputs, opsets and size. @throws MODEL_… */
export async function inspectModel(
  location: string,
  models: Pick<ModelFinder, 'find'>,
  loadModel: (model: LocalModel) => Promise<LoadedModel>,
): Promise<ModelDescription> {
  const found = await models.find(location);
  const { info, path, ...files } = found;
  const { inputs, outputs } = await loadModel(localModel(path, files)).catch((error: unknown) => {
    throw aboutModel(error, found);
  });
  const { opsets, irVersion, producer, metadata, operators, zipMaps } = info;
  return { ...files, inputs, outputs, opsets, irVersion, producer, metadata, operators, zipMaps };
}
