import { ShardmillError } from '@shardmill/core';

/** What ONNX Runtime says when a model cannot be loaded, as an error with a code. */
export function loadError(error: unknown, modelPath: string): ShardmillError {
  const message = clean(error);
  const unsupported =
    /not a registered function\/op|No Op registered|No opset import|under development|Unsupported model IR version|NOT_IMPLEMENTED|Could not find an implementation|not implemented/i.test(
      message,
    );
  if (isAllocationFailure(message)) {
    return new ShardmillError('ENGINE_OUT_OF_MEMORY', `loading the model: ${message}`, {
      where: modelPath,
    });
  }
  return new ShardmillError(unsupported ? 'MODEL_OPERATOR_UNSUPPORTED' : 'MODEL_INVALID', message, {
    where: modelPath,
    cause: error,
  });
}

export function isAllocationFailure(message: string): boolean {
  return /bad_alloc|Failed to allocate memory|out of memory|Array buffer allocation failed/i.test(
    message,
  );
}

/** The message without ONNX Runtime's source locations. */
export function clean(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replaceAll(/\S*\/onnxruntime\/[^\s:]+:\d+ (?:[^\n]*?\) )?/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
