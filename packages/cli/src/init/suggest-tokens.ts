import { type TensorInfo, UNDECIDED } from '@shardmill/core';
import { shapeText } from '../ui/text/tensor-text.js';
import { looksLikeKey } from './identify-columns.js';
import { isText, type KnownColumn } from './known-column.js';
import type { Entry } from './outline.js';
import { sqlName } from './sql-name.js';
import type { InputSuggestion } from './suggest-packed.js';

/** Names that exporters give to the ids of tokens, and to what is filled with them. */
const IDS = new Set(['input_ids', 'input_tokens', 'tokens']);
const FILLED = new Set(['attention_mask', 'input_mask', 'token_type_ids', 'segment_ids']);
/** What most encoders of texts were trained with, where the model leaves it open. */
const USUAL_LENGTH = 256;

const isWhole = ({ type, shape }: TensorInfo): boolean =>
  /^u?int(32|64)$/.test(type) && shape.length === 2;

/** The input for the ids of a text's tokens, if the model has one. */
export function tokenInput(inputs: readonly TensorInfo[]): TensorInfo | undefined {
  return inputs.find((input) => IDS.has(input.name) && isWhole(input));
}

/** Whether an input is filled with the mask or the types of the tokens. */
export const isFilledWithTokens = (input: TensorInfo): boolean => FILLED.has(input.name);

/** For the ids of tokens: the one column of texts that are no key and no category. */
export function suggestTokens(
  input: TensorInfo,
  free: readonly KnownColumn[],
  tokenizer: string,
): InputSuggestion {
  const texts = free.filter((column) => isText(column) && !looksLikeKey(column));
  // A column of few and short values holds categories.
  const long = texts.filter(({ sample }) => sample === undefined || sample.values === null);
  const candidates = long.length > 0 ? long : texts;
  const [column] = candidates;
  const shape = `${input.type} ${shapeText(input.shape)}`;
  const names = candidates.map(({ name }) => sqlName(name)).join(', ');
  const problem =
    column === undefined
      ? `${input.name} takes the tokens of a text, and no column is one`
      : candidates.length > 1
        ? `${input.name} takes the tokens of a text: of ${names}`
        : undefined;
  const length = input.shape[1];
  const inner: Entry[] = [
    {
      key: 'tokenize',
      value: problem === undefined ? sqlName(column?.name ?? '') : `${UNDECIDED} ${problem}`,
    },
    { key: 'tokenizer', value: tokenizer, comment: 'Exported beside the model.' },
    {
      key: 'maxLength',
      value: typeof length === 'number' && length > 0 ? length : USUAL_LENGTH,
      comment: "At most the model's positions, those at the ends included; longer texts are cut.",
    },
  ];
  return {
    entry: {
      key: input.name,
      value: { inner },
      comment: `${shape}: CHECK, the tokens of a text, with their mask`,
    },
    used: problem === undefined && column !== undefined ? [column] : [],
    undecided: problem === undefined ? [] : [problem],
  };
}
