import { type ModelDescription, nearestNames, type TensorInfo, UNDECIDED } from '@shardmill/core';
import { plural } from '../ui/text/format.js';
import { shapeText } from '../ui/text/tensor-text.js';
import { wrapText } from '../ui/text/text-layout.js';
import { categoryRecipe } from './category-recipe.js';
import type { FeatureNames } from './feature-names.js';
import { isList, isText, type KnownColumn, nullsOf } from './known-column.js';
import { matchColumns } from './match-columns.js';
import type { Entry } from './outline.js';
import { sqlName } from './sql-name.js';
import { mayTakeImages, suggestImage } from './suggest-image.js';
import { type InputSuggestion, suggestPacked } from './suggest-packed.js';
import { isFilledWithTokens, suggestTokens, tokenInput } from './suggest-tokens.js';
import { widthOf } from './tensor-width.js';

/** What fills the inputs of a model. */
export interface FeatureSuggestion {
  readonly entries: readonly Entry[];
  /** Columns that are given to the model. */
  readonly used: readonly KnownColumn[];
  /** What a person has to decide before the job can run. */
  readonly undecided: readonly string[];
}

/**
 * A feature for each input of the model, from the columns of a Parquet file: by name where one is
 * named like it, else all the numeric columns for a packed [N, F] input where they are as many as
 * it takes. Whatever is not certain is left undecided, so that the job is refused until a person has
 * looked: a wrong column is not seen in the scores. Inputs that need no word are listed in one comment.
 * @param names of the columns in the training, in their order, where they are known.
 * @param tokenizer where the tokenizer of the model would lie, as the job would name it.
 */
export function suggestFeatures(
  { inputs }: Pick<ModelDescription, 'inputs'>,
  columns: readonly KnownColumn[],
  names?: FeatureNames,
  tokenizer = './tokenizer.json',
): FeatureSuggestion {
  const byName = matchColumns(
    inputs.map(({ name }) => name),
    columns,
  );
  for (const input of inputs) {
    const column = byName.get(input.name);
    if (column !== undefined && (widthOf(input) ?? 1) > 1 && !isList(column)) {
      byName.delete(input.name);
    }
  }
  const taken = new Set(byName.values());
  const free = columns.filter((column) => !taken.has(column));
  const unmatched = inputs.filter(({ name }) => !byName.has(name));
  const silent: string[] = [];
  const ids = tokenInput(unmatched);
  const suggestions = inputs.map((input): InputSuggestion => {
    const column = byName.get(input.name);
    if (column !== undefined) return fromColumn(input, column);
    if (input === ids) return suggestTokens(input, free, tokenizer);
    if (ids !== undefined && isFilledWithTokens(input)) return { ...NOTHING, entry: 'filled' };
    if (mayTakeImages(input, free)) return suggestImage(input, free);
    const isPacked = widthOf(input) !== 1 || inputs.length === 1;
    return isPacked
      ? suggestPacked(input, free, { names, isOnly: unmatched.length === 1 })
      : notFound(input, free);
  });
  const entries = suggestions.flatMap(({ entry }, index) => {
    if (entry === 'filled') return [];
    if (entry !== 'silent') return [entry];
    silent.push(inputs[index]?.name ?? '');
    return [];
  });
  return {
    entries: withNote(entries, silent),
    used: suggestions.flatMap(({ used }) => used),
    undecided: suggestions.flatMap(({ undecided }) => undecided),
  };
}

const NOTHING = { used: [], undecided: [] };

/** The inputs without an entry, in a comment above the first one that has one. */
function withNote(entries: readonly Entry[], silent: readonly string[]): readonly Entry[] {
  const [name] = silent;
  if (name === undefined) return entries;
  const note = `Matched by name: ${wrapText(silent.join(', '), 90, 0, 17)}.`;
  const [first, ...rest] = entries;
  if (first === undefined) return [{ key: name, value: sqlName(name), comment: note, off: true }];
  return [{ ...first, comment: `${note}\n${first.comment ?? ''}` }, ...rest];
}

function fromColumn(input: TensorInfo, column: KnownColumn): InputSuggestion {
  const { name } = column;
  const shape = shapeOf(input);
  if (isText(column) && input.type !== 'string') {
    const problem = `${name} is text, and the model takes ${input.type}`;
    const { says } = categoryRecipe(column, input);
    const entry = {
      key: input.name,
      value: `${UNDECIDED} ${problem}`,
      comment: `${shape}: ${says}`,
    };
    return { entry, used: [], undecided: [problem] };
  }
  const used = [column];
  const rows = nullsOf(column);
  if (rows > 0) {
    const filler = isText(column) ? "''" : '0';
    const nulls = `CHECK, ${plural(rows, 'row')} without a value`;
    const named = { key: input.name, value: sqlName(name) };
    const fill = `to fill it in: coalesce(${sqlName(name)}, ${filler})`;
    const comment = `${shape}: ${nulls}; ${fill}`;
    return { entry: { ...named, comment }, used, undecided: [] };
  }
  if (name === input.name) return { entry: 'silent', used, undecided: [] };
  return { entry: { key: input.name, value: sqlName(name), comment: shape }, used, undecided: [] };
}

/** For an input of one value that no column is named like. What is near may be something else. */
function notFound(input: TensorInfo, free: readonly KnownColumn[]): InputSuggestion {
  const names = free.map(({ name }) => name);
  const near = nearestNames(input.name, names, 3).map(sqlName);
  const problem = `no column is named like ${input.name}`;
  const hint = near.length === 0 ? '' : `; near to it: ${near.join(', ')}`;
  const entry = {
    key: input.name,
    value: `${UNDECIDED} ${problem}`,
    comment: `${shapeOf(input)}: ${problem}${hint}`,
  };
  return { entry, used: [], undecided: [`${problem}${hint}`] };
}

const shapeOf = (input: TensorInfo): string => `${input.type} ${shapeText(input.shape)}`;
