import type { TensorInfo } from '@shardmill/core';

/** Names that exporters give to the inputs beside the ids of the tokens. */
const MASKS = new Set(['attention_mask', 'input_mask']);
const TYPES = new Set(['token_type_ids', 'segment_ids']);

export const isMaskInput = (name: string): boolean => MASKS.has(name);
export const isTypesInput = (name: string): boolean => TYPES.has(name);

/** Whether an input of the model has the type and the rank of token ids, [N, tokens]. */
export const mayBeTokenIds = ({ name, shape, type }: TensorInfo): boolean =>
  (type === 'int64' || type === 'int32') &&
  shape.length === 2 &&
  shape[1] !== 1 &&
  !isMaskInput(name) &&
  !isTypesInput(name);
