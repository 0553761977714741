import { type TensorInfo, UNDECIDED } from '@shardmill/core';
import { formatCount, plural } from '../ui/text/format.js';
import { shapeText } from '../ui/text/tensor-text.js';
import { categoryRecipe } from './category-recipe.js';
import { areNumbered, type FeatureNames } from './feature-names.js';
import { looksLikeKey, looksLikeLabel } from './identify-columns.js';
import { isList, isNumeric, isText, type KnownColumn, nullsOf } from './known-column.js';
import { matchColumns } from './match-columns.js';
import type { Entry } from './outline.js';
import { sqlName } from './sql-name.js';
import { widthOf } from './tensor-width.js';

/** What fills one input. `silent`: it needs no entry. `filled`: another input's entry fills it, too. */
export interface InputSuggestion {
  readonly entry: Entry | 'silent' | 'filled';
  readonly used: readonly KnownColumn[];
  readonly undecided: readonly string[];
}

interface PackedContext {
  readonly names: FeatureNames | undefined;
  /** Whether no other input is left to be filled. */
  readonly isOnly: boolean;
}

/** Columns that a comment lists at most. */
const MAX_LISTED = 8;

/** For an input of several values per row: by the names of the training, or by types and count. */
export function suggestPacked(
  input: TensorInfo,
  free: readonly KnownColumn[],
  { names, isOnly }: PackedContext,
): InputSuggestion {
  if (names !== undefined && isOnly) {
    const matched = matchColumns(names.names, free);
    if (matched.size === names.names.length || !areNumbered(names.names)) {
      return byNames(input, names, matched);
    }
  }
  const lists = free.filter(isList);
  const [list] = lists;
  if (list !== undefined && lists.length === 1 && isOnly) {
    const comment = `${shapeOf(input)}: CHECK, the list column`;
    const entry = { key: input.name, value: sqlName(list.name), comment };
    return { entry, used: [list], undecided: [] };
  }
  return byCount(input, free, isOnly);
}

function byNames(
  input: TensorInfo,
  { names, source }: FeatureNames,
  matched: ReadonlyMap<string, KnownColumn>,
): InputSuggestion {
  const width = widthOf(input);
  const undecided: string[] = [];
  const recipes: string[] = [];
  if (width !== undefined && width !== names.length) {
    undecided.push(`${source} has ${plural(names.length, 'name')} for ${plural(width, 'input')}`);
  }
  const value = names.map((name) => {
    const column = matched.get(name);
    if (column !== undefined && isDirect(column, input)) return sqlName(column.name);
    if (column === undefined) undecided.push(`no column is named like ${name}`);
    else {
      undecided.push(`${column.name} is text, and the model takes ${input.type}`);
      recipes.push(categoryRecipe(column, input).says);
    }
    return `${UNDECIDED} ${undecided.at(-1)}`;
  });
  const wrongCount = width !== undefined && width !== names.length;
  const used = [...matched.values()].filter((column) => isDirect(column, input));
  const comment = [
    `${shapeOf(input)}, in the order of ${source}`,
    ...recipes,
    ...nullsComment(used),
  ].join('\n');
  const items = wrongCount ? [`${UNDECIDED} ${undecided[0]}`, ...value] : value;
  return { entry: { key: input.name, value: items, comment }, used, undecided };
}

/** Whether no code has to be found for a text. */
const isDirect = (column: KnownColumn, input: TensorInfo): boolean =>
  input.type === 'string' || !isText(column);

/**
 * All numeric columns (or texts, for a model that takes them) that look like neither key nor label, if
 * they are as many as are needed.
 */
function byCount(
  input: TensorInfo,
  free: readonly KnownColumn[],
  isOnly: boolean,
): InputSuggestion {
  const width = widthOf(input);
  const takesText = input.type === 'string';
  const suited = free.filter(takesText ? isText : isNumeric);
  const left = suited.filter((column) => looksLikeKey(column) || looksLikeLabel(column));
  const fitting = suited.filter((column) => !left.includes(column));
  const values = fitting.map(({ name }) => sqlName(name));
  const leftOut = listed(left, 'left out, since they look like keys or labels');
  const facts = [...leftOut, ...nullsComment(fitting)];
  if (isOnly && fitting.length === width) {
    const check = `${shapeOf(input)}: CHECK that these are the columns of the training, in their order`;
    const comment = [check, ...facts].join('\n');
    const value = width === 1 ? (values[0] ?? '') : values;
    return { entry: { key: input.name, value, comment }, used: fitting, undecided: [] };
  }
  const count = plural(fitting.length, takesText ? 'text column' : 'numeric column');
  const problem =
    width === undefined
      ? `the model leaves open how many columns it takes; there are ${count}`
      : `${count} for ${plural(width, 'input')}`;
  const texts = takesText
    ? []
    : listed(free.filter(isText), 'text, of which the model may take codes');
  const comment = [
    `${shapeOf(input)}: ${problem}${isOnly ? '' : ', and other inputs without a column of their name'}`,
    'Leave the columns of the training, in their order, and delete the line that begins with DECIDE:',
    'Their names in a file feature_names.json beside the model would have done it.',
    ...facts,
    ...texts,
  ].join('\n');
  const value = [`${UNDECIDED} ${problem}`, ...values];
  return { entry: { key: input.name, value, comment }, used: fitting, undecided: [problem] };
}

function listed(columns: readonly KnownColumn[], what: string): string[] {
  if (columns.length === 0) return [];
  const names = columns.slice(0, MAX_LISTED).map(({ name }) => sqlName(name));
  const more = columns.length - names.length;
  return [`${what}: ${names.join(', ')}${more > 0 ? ` and ${formatCount(more)} more` : ''}`];
}

function nullsComment(columns: readonly KnownColumn[]): string[] {
  const gaps = columns.filter((column) => nullsOf(column) > 0);
  if (gaps.length === 0) return [];
  const shown = gaps
    .slice(0, MAX_LISTED)
    .map((column) => `${sqlName(column.name)} (${formatCount(nullsOf(column))})`);
  const more = gaps.length - shown.length;
  return [
    `CHECK, rows without a value: ${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}`,
  ];
}

const shapeOf = (input: TensorInfo): string => `${input.type} ${shapeText(input.shape)}`;
