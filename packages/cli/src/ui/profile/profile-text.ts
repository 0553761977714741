import type { Profile, ProfileColumn } from '@shardmill/core';
import { formatCount, formatValue, plural } from '../text/format.js';
import type { Style } from '../text/style.js';
import { table, truncate } from '../text/text-layout.js';

/** What the other columns take. */
const OTHER_COLUMNS = 62;
const MIN_NAME_WIDTH = 12;

/** What `profile show` prints. */
export function profileText(
  { job, runId, dataset, features, outputs }: Profile,
  { colors, width }: Style,
): string {
  const room = Math.max(MIN_NAME_WIDTH, width - OTHER_COLUMNS);
  const heads = ['', 'type', 'rows', 'missing', 'different', 'min', 'median', 'max'];
  const rowsOf = (columns: readonly ProfileColumn[], title: string): string[][] =>
    columns.length === 0
      ? []
      : [
          [title, ...heads.slice(1)].map((head) => colors.dim(head)),
          ...columns.map((column) => cellsOf(column, room)),
        ];
  const { every, rows } = features.sampling;
  const what = job === null ? 'columns' : 'features';
  return [
    job === null
      ? colors.bold(dataset?.uri ?? 'a data set')
      : `${colors.bold(job.name)}  ${colors.dim(runId ?? '')}`,
    every === 1
      ? `${what} of ${plural(rows, 'row')}`
      : `${what} of ${plural(rows, 'row')}, a sample of one in ${formatCount(every)}`,
    '',
    ...table(
      [...rowsOf(features.columns, what), ...rowsOf(outputs.columns, 'outputs')],
      ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right'],
    ),
  ].join('\n');
}

function cellsOf(column: ProfileColumn, room: number): string[] {
  const { name, type, count, nulls, distinct } = column;
  const missing = column.kind === 'number' ? nulls + column.nan + column.infinite : nulls;
  return [
    truncate(name, room),
    type,
    formatCount(count),
    missing === 0 ? '' : formatCount(missing),
    `${distinct.exact ? '' : '~'}${formatCount(distinct.count)}`,
    ...boundsOf(column),
  ];
}

function boundsOf(column: ProfileColumn): string[] {
  if (column.kind === 'text') return ['', truncate(column.top?.[0]?.value ?? '', 12), ''];
  const median = column.quantiles.find(({ fraction }) => fraction === 0.5)?.value ?? null;
  return [column.min, median, column.max].map((value) =>
    value === null ? '' : formatValue(value),
  );
}
