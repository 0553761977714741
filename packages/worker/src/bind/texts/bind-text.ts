import path from 'node:path';
import {
  type AllowedLocations,
  type BindRequest,
  type BoundFeature,
  type BoundText,
  isTokenized,
  type Job,
  requireAllowed,
  resolveLocation,
  ShardmillError,
  type Stores,
  type TensorInfo,
  type TokenizedText,
} from '@shardmill/core';
import { shapeText } from '../../onnx/shape-text.js';
import { TextTokenizer } from '../../text/text-tokenizer.js';
import type { TextRules } from '../../text/tokens-view.js';
import { readTokenizerFile } from '../../text/tokenizer-file.js';
import type { Addressed, TypesOf } from '../features/bind-features.js';
import { isMaskInput, isTypesInput } from './token-inputs.js';

export interface TextBinder {
  readonly typesOf: TypesOf;
  readonly addressed: Addressed;
  readonly stores: Stores;
  readonly allow: AllowedLocations | undefined;
}

export interface TextBinding {
  readonly text: BoundText;
  /** Of the inputs that are filled with what is made of the text. */
  readonly features: ReadonlyMap<string, BoundFeature>;
  /** The largest id that the tokenizer gives. */
  readonly maxId: number;
}

/**
 * Binds the feature that is made of the tokens of a text, with the mask and the types of the tokens
 * where the model has inputs for them; undefined where a job has no such feature.
 * @throws JOB_INVALID, FEATURE_TYPE, FEATURE_MISSING, LOCATION_FORBIDDEN, TOKENIZER_…
 */
export async function bindText(
  { job, jobFile }: Pick<BindRequest, 'job' | 'jobFile'>,
  inputs: readonly TensorInfo[],
  { typesOf, addressed, stores, allow }: TextBinder,
): Promise<TextBinding | undefined> {
  const found = theTokenized(job.features);
  const ids = inputs.find(({ name }) => name === found?.input);
  // An input that the model does not have is refused with the other features.
  if (found === undefined || ids === undefined) return undefined;
  const { feature } = found;
  const where = `features.${ids.name}`;
  const length = lengthOf(ids, feature, where);
  const others = tokenInputs(inputs, ids, job.features, where);
  if (others.mask === undefined && length.fixedLength === undefined) throw noMask(ids, inputs);
  const columns = await textColumns(feature, where, { typesOf, addressed });
  const uri = resolveLocation(feature.tokenizer, path.dirname(jobFile));
  await requireAllowed(allow, 'models', uri, job.name);
  const file = await readTokenizerFile(uri, stores);
  const { maxLength, tooLong } = feature;
  const rules: TextRules = { maxLength, tooLong, ...(columns.length > 1 && { pair: true }) };
  const { maxId } = await TextTokenizer.open(file, rules);
  const width = length.fixedLength ?? maxLength;
  const bound = (
    input: TensorInfo,
    tokens: NonNullable<BoundFeature['tokens']>,
    columns: BoundFeature['columns'],
  ): [string, BoundFeature] => [
    input.name,
    {
      input: input.name,
      type: input.type,
      layout: 'tokens',
      tokens,
      width,
      rowShape: [width],
      columns,
    },
  ];
  return {
    text: {
      tokenizer: { uri, sha256: file.sha256, bytes: file.bytes },
      ...rules,
      ...length,
    },
    features: new Map([
      bound(ids, 'ids', columns),
      ...(others.mask === undefined ? [] : [bound(others.mask, 'mask', [])]),
      ...(others.types === undefined ? [] : [bound(others.types, 'types', [])]),
    ]),
    maxId,
  };
}

/** The columns of one or two texts. @throws FEATURE_TYPE where one is no text. */
async function textColumns(
  { tokenize }: TokenizedText,
  where: string,
  { typesOf, addressed }: Pick<TextBinder, 'typesOf' | 'addressed'>,
): Promise<BoundFeature['columns']> {
  const written = [tokenize].flat();
  const placed = written.map((sql, index) => ({
    sql,
    where: written.length === 1 ? where : `${where}.tokenize[${index}]`,
  }));
  const types = await typesOf(placed);
  return placed.map((text, index) => ({
    label: /^"((?:[^"]|"")+)"$/.exec(text.sql)?.[1] ?? text.sql,
    sql: textSql(addressed(text.sql), types[index] ?? '', text.sql, text.where),
  }));
}

function theTokenized(
  features: Job['features'],
): { readonly input: string; readonly feature: TokenizedText } | undefined {
  const found = Object.entries(features).flatMap(([input, feature]) =>
    isTokenized(feature) ? [{ input, feature }] : [],
  );
  const [first, second] = found;
  if (first === undefined || second === undefined) return first;
  throw new ShardmillError(
    'JOB_INVALID',
    `both "${first.input}" and "${second.input}" are made of tokens`,
    {
      where: `features.${second.input}`,
      remedy: 'Give one text, for the ids: the mask and the types of its tokens are made with it.',
    },
  );
}

/** The length that the model fixes. @throws FEATURE_TYPE, TOKENIZER_MISMATCH */
function lengthOf(
  ids: TensorInfo,
  { maxLength }: TokenizedText,
  where: string,
): Pick<BoundText, 'fixedLength'> {
  const [, length] = ids.shape;
  if (ids.shape.length !== 2 || !isWholeType(ids)) {
    throw new ShardmillError(
      'FEATURE_TYPE',
      `the model's input "${ids.name}" is ${ids.type} ${shapeText(ids)}; token ids are whole numbers [N, tokens]`,
      { where, remedy: 'Tokenize for the input of the token ids, most often input_ids.' },
    );
  }
  if (typeof length !== 'number' || length < 1) return {};
  if (maxLength <= length) return { fixedLength: length };
  throw new ShardmillError(
    'TOKENIZER_MISMATCH',
    `the model takes ${length} tokens a row, and maxLength is ${maxLength}`,
    { where, remedy: `Set maxLength to ${length} or less.` },
  );
}

/** @throws JOB_INVALID where the job fills an input that is filled with the tokens. */
function tokenInputs(
  inputs: readonly TensorInfo[],
  ids: TensorInfo,
  features: Job['features'],
  where: string,
): { readonly mask: TensorInfo | undefined; readonly types: TensorInfo | undefined } {
  const find = (suits: (name: string) => boolean): TensorInfo | undefined => {
    const input = inputs.find((one) => one.name !== ids.name && suits(one.name));
    if (input === undefined || !Object.hasOwn(features, input.name)) return input;
    throw new ShardmillError(
      'JOB_INVALID',
      `"${input.name}" is filled with what belongs to the tokens of "${ids.name}"`,
      { where: `features.${input.name}`, remedy: `Leave it out, or give ids for ${where} in SQL.` },
    );
  };
  return { mask: find(isMaskInput), types: find(isTypesInput) };
}

function noMask(ids: TensorInfo, inputs: readonly TensorInfo[]): ShardmillError {
  const names = inputs.map(({ name }) => `"${name}"`).join(', ');
  return new ShardmillError(
    'FEATURE_MISSING',
    `the model has no input for the mask of the tokens, so that padding would be part of a row's text; its inputs are ${names}`,
    {
      where: `features.${ids.name}`,
      remedy:
        'Export the model with an input attention_mask, or with a fixed number of tokens for its input ids.',
    },
  );
}

/** @throws FEATURE_TYPE where it is no text. */
function textSql(addressed: string, type: string, written: string, where: string): string {
  if (type === 'VARCHAR' || type === '"NULL"') return `(${addressed}\n)::VARCHAR`;
  if (type.startsWith('ENUM')) return `(${addressed}\n)::VARCHAR`;
  const remedy = type === 'BLOB' ? `decode(${written})` : `CAST(${written} AS VARCHAR)`;
  throw new ShardmillError('FEATURE_TYPE', `"${written}" is ${type}; a tokenizer takes VARCHAR`, {
    where,
    remedy: `Write ${remedy}.`,
  });
}

const isWholeType = ({ type }: TensorInfo): boolean => /^u?int\d+$/.test(type);
