/** Names that exporters give to the inputs beside the ids of the tokens. */
const MASKS = new Set(['attention_mask', 'input_mask']);
const TYPES = new Set(['token_type_ids', 'segment_ids']);

export const isMaskInput = (name: string): boolean => MASKS.has(name);
export const isTypesInput = (name: string): boolean => TYPES.has(name);
