import type { ModelTest } from '@shardmill/client/models';
import { formatCount, formatValue, plural } from '../text/format.js';
import { shortPath } from '../text/shorten-paths.js';
import type { Style } from '../text/style.js';
import { type Field, fieldLines, optionalField, table, truncate } from '../text/text-layout.js';
import { releaseText } from './release-text.js';

type Tested = ModelTest['current'];
type Column = ModelTest['comparison']['columns'][number];

/** What `model test` prints. */
export function modelTestText(
  job: string,
  { current, other, comparison }: ModelTest,
  { colors, width, cwd }: Style,
): string {
  const { rows, columns, worst } = comparison;
  const heads = (names: readonly string[]): string[] => names.map((name) => colors.dim(name));
  const fields: Field[] = [
    ['current', modelText(current, cwd)],
    ['other', modelText(other, cwd)],
    ['compared', plural(rows.compared, 'row')],
    ...optionalField('rejected', rejectedText(current, other)),
  ];
  const room = Math.max(10, Math.floor((width - 40) / 3));
  return [
    `${colors.bold(job)} on a sample: ${verdict(rows.differing, rows.compared)}`,
    '',
    ...fieldLines(fields, colors.dim, width),
    '',
    ...table(
      [
        heads(['column', 'agree', 'mean', 'other', 'mean diff', 'max diff', 'rank corr']),
        ...columns.map((column) => columnCells(column, rows.compared)),
      ],
      ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
    ),
    ...(worst.length === 0
      ? []
      : [
          '',
          ...table([
            heads(['file and row', 'column', 'current', 'other']),
            ...worst.map(({ key, column, score, expected }) => [
              keyText(key, room),
              column,
              truncate(score ?? 'NULL', room),
              truncate(expected ?? 'NULL', room),
            ]),
          ]),
        ]),
  ].join('\n');
}

function verdict(differing: number, compared: number): string {
  if (compared === 0) return 'no row was scored by both models';
  if (differing === 0) return 'both models give the same';
  return `${formatCount(differing)} of ${plural(compared, 'row')} differ`;
}

function columnCells(column: Column, compared: number): string[] {
  const { name, comparison, types, differing, largestDifference, agreement } = column;
  if (comparison === 'incomparable') return [name, `${types.scores} and ${types.expected}`];
  const share = compared === 0 ? '–' : `${(100 * (1 - differing / compared)).toFixed(1)}%`;
  return [
    name,
    // All is said only of all.
    differing > 0 && share === '100.0%' ? '>99.9%' : share,
    valueText(agreement?.means.scores),
    valueText(agreement?.means.expected),
    valueText(agreement?.meanDifference),
    valueText(largestDifference),
    valueText(agreement?.rankCorrelation),
  ];
}

const valueText = (value: number | null | undefined): string =>
  value == null ? '' : formatValue(value);

function modelText({ model }: Tested, cwd: string): string {
  const { name, version, alias, uri, sha256 } = model;
  const digest = `sha256 ${sha256.slice(0, 12)}`;
  if (name === undefined || version === undefined) return `${shortPath(uri, cwd)}, ${digest}`;
  return `${releaseText({ name, version, alias })}, ${digest}`;
}

function rejectedText(current: Tested, other: Tested): string {
  const [before, after] = [current.rows.rejected, other.rows.rejected];
  if (before === 0 && after === 0) return '';
  const [reason] = Object.keys(other.rejectedReasons ?? current.rejectedReasons ?? {});
  return `${formatCount(before)} by the current model, ${formatCount(after)} by the other${reason === undefined ? '' : `: ${reason}`}`;
}

/** The end of a path says more than its beginning. */
function keyText(key: string, room: number): string {
  return key.length <= room ? key : `…${key.slice(1 - room)}`;
}
