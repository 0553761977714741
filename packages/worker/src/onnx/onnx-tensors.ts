import { type ExecutionProvider, ShardmillError } from '@shardmill/core';
import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-node';
import { isTensorType } from './tensor-types.js';
import type { BatchTensor } from './batch-tensor.js';

/**
 * How every session of the engine is made, so that all of them give the same answers.
 * @param threads of one call.
 * @param alone whether to refuse a model of which a part would be left to the CPU.
 * @param folder where the weights beside the model are, which bytes in memory do not say.
 */
export function sessionOptions(
  threads: number,
  providers: readonly ExecutionProvider[] = ['cpu'],
  alone = false,
  folder?: string,
): InferenceSession.SessionOptions {
  return {
    executionProviders: [...providers],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: {
      session: {
        // Idle threads that spin would take the cores from scanning and writing.
        intra_op: { allow_spinning: '0' },
        disable_cpu_ep_fallback: alone ? '1' : '0',
        ...(folder === undefined ? {} : { model_external_initializers_file_folder_path: folder }),
      },
    },
  };
}

/** The tensors of a call by input, [rows, …rowShape]. */
export function toTensors(
  constructor: TensorConstructor,
  feeds: readonly BatchTensor[],
  rows: number,
): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {};
  for (const { name, type, rowShape, data } of feeds) {
    // The array's class is the one that belongs to the type: packing made it by the same table.
    const tensor: Tensor = Reflect.construct(constructor, [type, data, [rows, ...rowShape]]);
    tensors[name] = tensor;
  }
  return tensors;
}

/** What the model gave for an output. @throws MODEL_INVALID, MODEL_OUTPUT_SHAPE */
export function fromTensor(name: string, tensor: Tensor | undefined, rows: number): BatchTensor {
  if (tensor === undefined) throw new ShardmillError('INTERNAL', `no output "${name}"`);
  const { type, dims, data } = tensor;
  if (!isTensorType(type)) {
    throw new ShardmillError('MODEL_INVALID', `output "${name}" has the unsupported type ${type}`);
  }
  if (dims[0] !== rows) {
    throw new ShardmillError(
      'MODEL_OUTPUT_SHAPE',
      `output "${name}" has the shape [${dims.join(', ')}] for ${rows} rows; expected ${rows} as the first dimension`,
    );
  }
  const rowShape = dims.slice(1);
  const width = rowShape.reduce((product, dim) => product * dim, 1);
  return { name, type, rowShape, width, data };
}
