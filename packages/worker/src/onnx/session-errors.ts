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
      return new ShardmillError(
        unsupported ? 'MODEL_OPERATOR_UNSUPPORTED' : 'MODEL_INVALID',
        message,
        { where: modelPath, cause: error },
      );
    default:
      return unreachable(kind, 'kind');
  }
}

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
