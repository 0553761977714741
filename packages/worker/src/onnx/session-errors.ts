import { type ExecutionProvider, ShardmillError, unreachable } from '@shardmill/core';
import { classifyFailure } from './classify-failure.js';

/** What ONNX Runtime says when a model cannot be loaded, as an error with a code. */
export function loadError(
  error: unknown,
  modelPath: string,
  provider: ExecutionProvider = 'cpu',
): ShardmillError {
  const message = clean(error);
  const unsupported =
    /not a registered function\/op|No Op registered|No opset import|under development|Unsupported model IR version|NOT_IMPLEMENTED|Could not find an implementation|not implemented/i.test(
      message,
    );
  const type = /Unsupported data type: (\d+)/.exec(message)?.[1];
  const kind = classifyFailure(message, provider);
  switch (kind) {
    case 'host-memory':
      return new ShardmillError('ENGINE_OUT_OF_MEMORY', `loading the model: ${message}`, {
        where: modelPath,
      });
    case 'device-memory':
      return new ShardmillError('DEVICE_OUT_OF_MEMORY', `loading the model: ${message}`, {
        where: modelPath,
      });
    case 'device-lost':
      return deviceLost(message);
    case 'model':
      if (type !== undefined) {
        return new ShardmillError(
          'MODEL_TYPE_UNSUPPORTED',
          `an input or an output of the model has the type ${TYPE_NAMES[type] ?? `of number ${type}`}`,
          { where: modelPath, cause: error },
        );
      }
      return new ShardmillError(
        unsupported ? 'MODEL_OPERATOR_UNSUPPORTED' : 'MODEL_INVALID',
        message,
        { where: modelPath, cause: error },
      );
    default:
      return unreachable(kind, 'kind');
  }
}

/** `TensorProto.DataType` of what onnxruntime-node has no array for. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  14: 'complex64',
  15: 'complex128',
  16: 'bfloat16',
  17: 'float8e4m3fn',
  18: 'float8e4m3fnuz',
  19: 'float8e5m2',
  20: 'float8e5m2fnuz',
  21: 'uint4',
  22: 'int4',
  23: 'float4e2m1',
};

/** The device takes nothing more from this process: in another process it may work. */
export function deviceLost(message: string): ShardmillError {
  return new ShardmillError('ENGINE_CRASHED', `the device was lost: ${message}`, {
    remedy:
      'The engine process is started anew; if it happens again, look at nvidia-smi and dmesg.',
  });
}

/** The message without ONNX Runtime's source locations. */
export function clean(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replaceAll(/\S*\/onnxruntime\/[^\s:]+:\d+ (?:[^\n]*?\) )?/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
