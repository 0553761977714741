import { ShardmillError } from '@shardmill/core';

/** @throws MODEL_INVALID for names that ONNX Runtime's interface to JavaScript cannot carry. */
export function refuseModelNames(
  tensors: readonly { readonly name: string }[],
  where: string,
): void {
  const found = tensors.find(({ name }) => name === '__proto__' || name.includes('\0'));
  if (found === undefined) return;
  throw new ShardmillError(
    'MODEL_INVALID',
    `the model has an input or output named ${JSON.stringify(found.name)}, which cannot be addressed`,
    { where, remedy: 'Rename it in the model and export it again.' },
  );
}
