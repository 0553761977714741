import type { InspectedParquet } from '@shardmill/client/services';
import { formatBytes, formatCount, plural } from './text/format.js';
import { shortPath } from './text/shorten-paths.js';
import type { Style } from './text/style.js';
import {
  type Field,
  fieldLines,
  optionalField,
  table,
  truncate,
  wrapText,
} from './text/text-layout.js';

/** Longest value that a table shows whole. */
const VALUE_WIDTH = 22;

/** What `inspect` shows of a Parquet file or folder. */
export function parquetReport(data: InspectedParquet, style: Style): string {
  const { colors, cwd } = style;
  const facts = [
    ...(data.files === 1 ? [] : [plural(data.files, 'file')]),
    plural(data.rows, 'row'),
    plural(data.rowGroups, 'row group'),
    plural(data.columns.length, 'column'),
    formatBytes(data.bytes),
    data.compression.join(' and ').toLowerCase(),
  ].filter((fact) => fact !== '');
  const fields: Field[] = [
    ...optionalField('partitions', data.partitionColumns.join(', ')),
    ...Object.entries(data.metadata),
  ];
  return [
    wrapText(
      `parquet ${colors.bold(shortPath(data.path, cwd))}  ${colors.dim(facts.join(', '))}`,
      style.width,
      2,
      0,
    ),
    ...(fields.length > 0 ? ['', ...fieldLines(fields, colors.dim, style.width)] : []),
    '',
    ...columnTable(data, style),
    ...sampleTable(data, style),
  ].join('\n');
}

function columnTable({ columns }: InspectedParquet, style: Style): string[] {
  const heads = ['column', 'type', 'bytes', 'nulls', 'min', 'max'];
  const rows = columns.map((column) => [
    column.name,
    truncate(column.type, 32),
    formatBytes(column.bytes),
    column.nulls === null ? '' : formatCount(column.nulls),
    truncate(column.min ?? '', VALUE_WIDTH),
    truncate(column.max ?? '', VALUE_WIDTH),
  ]);
  return table(
    [heads.map((head) => style.colors.dim(head)), ...rows],
    ['left', 'left', 'right', 'right'],
  );
}

/** The first rows, of as many columns as the width holds; of rejected rows the reason first, whole. */
function sampleTable(data: InspectedParquet, style: Style): string[] {
  const { columns, sample, sampleFailure } = data;
  if (sampleFailure !== null) {
    return ['', `${style.colors.yellow('the first rows cannot be read:')} ${sampleFailure}`];
  }
  if (sample.length === 0) return [];
  const { dim } = style.colors;
  const reason = columns.findIndex((column) => column.name === '_reason');
  const reasonFirst = (row: readonly string[]): string[] =>
    reason < 0 ? [...row] : [row[reason] ?? '', ...row.toSpliced(reason, 1)];
  const cells = [
    reasonFirst(columns.map((column) => column.name)),
    ...sample.map((row) =>
      reasonFirst(
        row.map((value, i) => truncate(value, i === reason ? style.width - 4 : VALUE_WIDTH)),
      ),
    ),
  ];
  let room = style.width - 4;
  const fitting = columns.findIndex((_, i) => {
    room -= Math.max(...cells.map((row) => row[i]?.length ?? 0)) + 2;
    return room < 0;
  });
  const shown = fitting === -1 ? columns.length : Math.max(1, fitting);
  const rows = cells.map((row, i) =>
    row.slice(0, shown).map((cell) => (i === 0 ? dim(cell) : cell)),
  );
  const hidden = columns.length - shown;
  return [
    '',
    ...table(rows),
    ...(hidden > 0 ? [dim(`  and ${plural(hidden, 'more column', 'more columns')}`)] : []),
  ];
}
