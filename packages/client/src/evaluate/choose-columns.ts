import {
  type Column,
  NameIndex,
  type Plan,
  scoredColumn,
  ShardmillError,
  suggestion,
} from '@shardmill/core';
import { computedColumns } from '@shardmill/scheduler';
import { compareTypes, type EvaluationRequest } from '@shardmill/worker';

/**
 * Columns of a run that may be scores: those that the job computes, but for whether a challenger has
 * scored a row.
 */
export function scoreColumns(scoring: Plan['scoring']): string[] {
  const flags = new Set((scoring.challengers ?? []).map(({ name }) => scoredColumn(name)));
  return computedColumns(scoring).filter((name) => !flags.has(name));
}

/** What is there, and what was asked for. */
export interface ColumnChoice {
  /** Of the files of the result. */
  readonly results: readonly Column[];
  /** Columns that the result is divided into folders by, which its files do not have. */
  readonly partitionBy: readonly string[];
  /** Columns that are more than one of the input; undefined where that is not known. */
  readonly computed: readonly string[] | undefined;
  readonly labels: readonly Column[];
  readonly keys?: readonly string[] | undefined;
  readonly label?: string | undefined;
  readonly scores?: readonly string[] | undefined;
}

export type ChosenColumns = Pick<EvaluationRequest, 'keys' | 'label' | 'scores' | 'named'>;

const MAX_SCORES = 32;
const RESULT = 'the result';
const LABELS = 'the file of labels';

/**
 * Which columns are joined, and which are held against each other. Without a key it is the only
 * column that both have and that the job has not computed; without a label the only other one of
 * the labels, or `label`; without scores all that the job has computed.
 * @throws LABELS_COLUMN, LABELS_KEY
 */
export function chooseColumns(choice: ColumnChoice): ChosenColumns {
  const { computed, partitionBy, scores } = choice;
  const divided = new Set(partitionBy);
  const results = new NameIndex(choice.results.filter(({ name }) => !divided.has(name)));
  const labels = new NameIndex(choice.labels);
  for (const name of [...(choice.keys ?? []), ...(scores ?? [])]) {
    if (divided.has(name)) throw dividedBy(name);
  }
  const names = choice.keys ?? [onlyCommon(results, labels, choice)];
  const keys = names.map((name) => {
    const [ofResult, ofLabels] = [
      only(results, name, RESULT, '--key'),
      only(labels, name, LABELS, '--key'),
    ];
    const comparison = compareTypes(ofResult.type, ofLabels.type);
    const joins = comparison === 'integer' || comparison === 'exact';
    if (!joins) {
      throw new ShardmillError(
        'LABELS_KEY',
        `the key "${name}" is ${ofResult.type} in the result and ${ofLabels.type} in the labels`,
        {
          where: '--key',
          remedy: 'Write it with one type in both: a whole number, a text or a date.',
        },
      );
    }
    return { scores: ofResult, expected: ofLabels, comparison };
  });
  const keyNames = new Set(keys.map((key) => key.scores.name));
  const keysOfLabels = new Set(keys.map((key) => key.expected.name));
  const label =
    choice.label === undefined
      ? onlyLabel(labels.items.filter(({ name }) => !keysOfLabels.has(name)))
      : only(labels, choice.label, LABELS, '--label');
  const all = results.items.filter(({ name }) => !keyNames.has(name));
  const chosen =
    scores === undefined
      ? all.filter(({ name }) => computed?.includes(name) ?? true)
      : scores.map((name) => only(results, name, RESULT, '--score'));
  if (chosen.length === 0) {
    throw new ShardmillError('LABELS_COLUMN', 'the job has computed no column of its result', {
      where: '--score',
    });
  }
  if (chosen.length > MAX_SCORES) {
    throw new ShardmillError(
      'LABELS_COLUMN',
      `the result has ${chosen.length} columns that could be scores; up to ${MAX_SCORES} are evaluated at once`,
      { where: '--score', remedy: 'Name those that are to be evaluated: --score NAME.' },
    );
  }
  return { keys, label, scores: [...new Set(chosen)], named: scores !== undefined };
}

function only(index: NameIndex<Column>, name: string, where: string, option: string): Column {
  const [column, ...others] = index.find(name);
  if (column !== undefined && others.length === 0) return column;
  const message =
    column === undefined
      ? `${where} has no column "${name}".${suggestion(name, namesOf(index.items))}`
      : `${where} has several columns that "${name}" can mean`;
  throw new ShardmillError('LABELS_COLUMN', message, {
    where: option,
    remedy: 'Give a column by its exact name.',
  });
}

function onlyCommon(
  results: NameIndex<Column>,
  labels: NameIndex<Column>,
  { computed = [], label }: ColumnChoice,
): string {
  const common = namesOf(results.items).filter(
    (name) => !computed.includes(name) && name !== label && labels.find(name).length > 0,
  );
  if (common.length === 1 && common[0] !== undefined) return common[0];
  const message =
    common.length > 1
      ? `the result and the labels have several columns in common: ${quoted(common)}`
      : `the result and the labels have no column in common: ${quoted(namesOf(results.items))} here, ${quoted(namesOf(labels.items))} there`;
  throw new ShardmillError('LABELS_COLUMN', message, {
    where: '--key',
    remedy:
      common.length > 1
        ? `Say which of them identify a row: --key ${common[0]}`
        : 'Write the labels with the column of the result that identifies a row.',
  });
}

function onlyLabel(others: readonly Column[]): Column {
  const [label, ...more] = others;
  if (label !== undefined && more.length === 0) return label;
  const usual = others.find(({ name }) => name.toLowerCase() === 'label');
  if (usual !== undefined) return usual;
  const message =
    label === undefined
      ? `${LABELS} has no column beside the key`
      : `${LABELS} has several columns beside the key: ${quoted(namesOf(others))}`;
  throw new ShardmillError('LABELS_COLUMN', message, {
    where: '--label',
    remedy: 'Say which of them has the labels: --label NAME.',
  });
}

const dividedBy = (name: string): ShardmillError =>
  new ShardmillError(
    'LABELS_COLUMN',
    `the result is divided into folders by "${name}", which its files do not have`,
    { remedy: 'Give another column; the job can write a copy of it under another name.' },
  );

const namesOf = (columns: readonly Column[]): string[] => columns.map(({ name }) => name);

const quoted = (names: readonly string[]): string =>
  names
    .slice(0, 12)
    .map((name) => `"${name}"`)
    .join(', ') + (names.length > 12 ? ', …' : '');
