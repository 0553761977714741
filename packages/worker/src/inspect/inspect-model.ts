import type { ModelDescription } from '@shardmill/core';
import type { LoadedModel } from '../infer/lane-pool.js';
import { readModelFiles } from '../model/model-files.js';

/** An ONNX model's inputs, outputs, opsets and size. @throws MODEL_… */
export async function inspectModel(
  modelPath: string,
  loadModel: (modelPath: string) => Promise<LoadedModel>,
): Promise<ModelDescription> {
  const { info, ...files } = await readModelFiles(modelPath);
  const { inputs, outputs } = await loadModel(modelPath);
  const { opsets, irVersion, producer } = info;
  return { ...files, inputs, outputs, opsets, irVersion, producer };
}
