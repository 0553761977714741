import { type Column, type EvaluationTask, ShardmillError } from '@shardmill/core';
import { type EvaluationRequest, isWhole, kindOfColumn } from './evaluation-request.js';

/** What is known of the labels of the joined rows, and of the columns beside them. */
export interface LabelFacts {
  /** Whether all labels that are there are 0 or 1; false for labels that are no numbers. */
  readonly zeroOrOne: boolean;
  /** The most frequent labels as text, with their rows. */
  readonly frequent: readonly { readonly value: string; readonly rows: number }[];
  /** Columns in which a label occurs as it is, by name. */
  readonly agreeing: ReadonlySet<string>;
}

export interface DecidedTask {
  readonly task: EvaluationTask;
  readonly scores: readonly Column[];
}

/**
 * What the labels are, and which columns can be held against them. Booleans, and numbers of which each
 * is 0 or 1, are of two kinds; other numbers are values; texts are classes where a column says such
 * texts, and need the one that stands for yes where columns are numbers.
 * @throws LABELS_VALUE, LABELS_COLUMN
 */
export function decideTask(
  { label, scores, named, task, positive }: EvaluationRequest,
  facts: LabelFacts,
): DecidedTask {
  const decided = task ?? (positive === undefined ? taskOf(label, scores, named, facts) : 'binary');
  if (positive !== undefined && decided !== 'binary') {
    throw new ShardmillError('USAGE', `--positive is given, and --task is ${decided}`, {
      remedy: 'Leave one of them out: of two kinds of labels --positive names the one for yes.',
    });
  }
  requireValues(decided, label, positive, facts);
  const suiting = scores.filter((column) => suits(decided, column));
  const unsuited = scores.find((column) => !suits(decided, column));
  if (named && unsuited !== undefined) {
    throw new ShardmillError(
      'LABELS_COLUMN',
      `the score "${unsuited.name}" is ${unsuited.type}; ${NEEDED[decided]}`,
      { where: '--score', remedy: 'Name other columns, or say what the labels are with --task.' },
    );
  }
  const chosen =
    decided === 'classes' && !named && task === undefined
      ? suiting.filter(({ name }) => facts.agreeing.has(name))
      : suiting;
  if (chosen.length > 0) return { task: decided, scores: chosen };
  throw new ShardmillError('LABELS_COLUMN', `the result has no such column; ${NEEDED[decided]}`, {
    where: '--score',
    remedy: 'Say what the labels are with --task, or name the columns with --score.',
  });
}

const NEEDED: Readonly<Record<EvaluationTask, string>> = {
  binary: 'labels of two kinds need a score that is a number',
  regression: 'labels that are numbers need a score that is one',
  classes: 'labels that are classes need a column with predicted classes: a text or a whole number',
};

function taskOf(
  label: Column,
  scores: readonly Column[],
  named: boolean,
  { zeroOrOne, agreeing }: LabelFacts,
): EvaluationTask {
  switch (kindOfColumn(label)) {
    case 'boolean':
      return 'binary';
    case 'number':
      return zeroOrOne ? 'binary' : 'regression';
    case 'text':
    case 'other': {
      const texts = scores.filter((column) => kindOfColumn(column) === 'text');
      const said = texts.some(({ name }) => agreeing.has(name));
      return (named && texts.length > 0) || said ? 'classes' : 'binary';
    }
    default:
      throw new ShardmillError('INTERNAL', `a label of type ${label.type}`);
  }
}

/** @throws LABELS_VALUE */
function requireValues(
  task: EvaluationTask,
  label: Column,
  positive: string | undefined,
  { zeroOrOne, frequent }: LabelFacts,
): void {
  const kind = kindOfColumn(label);
  const seen = frequent.map(({ value }) => JSON.stringify(value)).join(', ');
  if (task === 'regression' && kind !== 'number') {
    throw new ShardmillError(
      'LABELS_VALUE',
      `the labels are ${label.type}, and no numbers: ${seen}`,
      {
        where: label.name,
        remedy: 'Give a column of numbers with --label, or another --task.',
      },
    );
  }
  if (task === 'binary' && positive === undefined && kind !== 'boolean' && !zeroOrOne) {
    throw new ShardmillError(
      'LABELS_VALUE',
      `the labels are neither booleans nor 0 and 1, but ${seen}`,
      {
        where: label.name,
        remedy: `Say which of them stands for yes: --positive ${frequent.at(-1)?.value ?? 'VALUE'}`,
      },
    );
  }
}

function suits(task: EvaluationTask, column: Column): boolean {
  const kind = kindOfColumn(column);
  switch (task) {
    case 'binary':
      return kind === 'number' || kind === 'boolean';
    case 'regression':
      return kind === 'number';
    case 'classes':
      return kind === 'text' || kind === 'boolean' || (kind === 'number' && isWhole(column));
    default: {
      const unknown: never = task;
      return unknown;
    }
  }
}
