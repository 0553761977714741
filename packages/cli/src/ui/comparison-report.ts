import { ShardmillError } from '@shardmill/core';
import type { ComparedColumn, ComparedScores, Expectation } from '@shardmill/client/compare';
import { formatCount, plural } from './text/format.js';
import { shortPath } from './text/shorten-paths.js';
import type { Style } from './text/style.js';
import { fieldLines, optionalField, table, truncate } from './text/text-layout.js';

export interface ShownComparison extends ComparedScores {
  readonly expectation: Expectation;
  /** Only some rows were scored: expected rows beyond them say nothing. */
  readonly trial: boolean;
}

/** The error of scores that are not as expected; nothing where they are. */
export function scoresDiffer(compared: ShownComparison): ShardmillError | undefined {
  const { expectation, trial } = compared;
  const { rows, columns } = compared.comparison;
  const odd = columns.filter(({ comparison }) => comparison === 'incomparable');
  const found = [
    ...(rows.compared === 0 ? ['no row has a counterpart'] : []),
    ...(rows.differing > 0 && odd.length < columns.length
      ? [
          `${formatCount(rows.differing)} of ${plural(rows.compared, 'row')} differ by more than ${expectation.tolerance}`,
        ]
      : []),
    ...odd.map(
      ({ name, types }) => `"${name}" is ${types.scores} here and ${types.expected} there`,
    ),
    ...(rows.onlyInScores > 0
      ? [`${plural(rows.onlyInScores, 'row is', 'rows are')} not expected`]
      : []),
    ...(rows.onlyExpected > 0 && !trial
      ? [
          `${plural(rows.onlyExpected, 'expected row is', 'expected rows are')} not among the scores`,
        ]
      : []),
    ...(rows.duplicateKeysInScores > 0
      ? [
          `${plural(rows.duplicateKeysInScores, 'key')} of the scores ${rows.duplicateKeysInScores === 1 ? 'has' : 'have'} several rows`,
        ]
      : []),
    ...(rows.duplicateKeysExpected > 0
      ? [
          `${plural(rows.duplicateKeysExpected, 'expected key')} ${rows.duplicateKeysExpected === 1 ? 'has' : 'have'} several rows`,
        ]
      : []),
  ];
  if (found.length === 0) return undefined;
  return new ShardmillError('SCORES_DIFFER', found.join('; '), { where: expectation.location });
}

/** What `validate --expect` prints below its checks. */
export function comparisonLines(compared: ShownComparison, style: Style): string[] {
  const { comparison, expectation, trial } = compared;
  const { rows, columns, worst } = comparison;
  const { dim, yellow } = style.colors;
  const keys = expectation.keys.join(', ');
  const room = Math.max(10, Math.floor((style.width - 34) / 2));
  const heads = ['key', 'column', 'score', 'expected', 'difference'];
  return [
    '',
    ...fieldLines(
      [
        ['expected', `${shortPath(expectation.location, style.cwd)}, joined by ${keys}`],
        ['compared', plural(rows.compared, 'row')],
        ...optionalField('only here', some(rows.onlyInScores)),
        ...optionalField(
          'only there',
          some(rows.onlyExpected) &&
            `${some(rows.onlyExpected)}${trial ? ', outside of the trial or rejected' : ''}`,
        ),
        ...optionalField('twice here', some(rows.duplicateKeysInScores, 'key')),
        ...optionalField('twice there', some(rows.duplicateKeysExpected, 'key')),
        ...optionalField('rejected', rejectedText(compared)),
        ...optionalField('filtered', some(compared.rows.filtered)),
      ],
      dim,
      style.width,
    ),
    '',
    ...table([
      ['column', 'rows that differ', 'largest difference'].map((head) => dim(head)),
      ...columns.map((column) => [
        column.name,
        column.differing > 0 ? yellow(formatCount(column.differing)) : '0',
        largestText(column),
      ]),
    ]),
    ...(worst.length === 0
      ? []
      : [
          '',
          ...table([
            heads.map((head) => dim(head)),
            ...worst.map(({ key, column, score, expected, difference }) => [
              truncate(key, room),
              column,
              truncate(score ?? 'NULL', room),
              truncate(expected ?? 'NULL', room),
              difference === null ? '' : differenceText(difference),
            ]),
          ]),
        ]),
  ];
}

function largestText({ comparison, largestDifference, types }: ComparedColumn): string {
  if (comparison === 'incomparable') return `${types.scores} and ${types.expected}: not compared`;
  if (comparison === 'exact') return 'compared exactly';
  return largestDifference === null ? '' : differenceText(largestDifference);
}

function rejectedText({ rows, rejectedReasons }: ComparedScores): string | undefined {
  if (rows.rejected === 0) return undefined;
  const [reason] = Object.keys(rejectedReasons ?? {});
  return `${plural(rows.rejected, 'row')}${reason === undefined ? '' : `: ${reason}`}`;
}

const some = (count: number, what = 'row'): string | undefined =>
  count === 0 ? undefined : plural(count, what);

const differenceText = (value: number): string => String(Number(value.toPrecision(3)));
