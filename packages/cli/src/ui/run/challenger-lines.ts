import type { ChallengerReport, ComparedColumn } from '@shardmill/core';
import { formatCount, formatValue, plural } from '../text/format.js';

/** A line of the summary for each challenger: how its columns differ from the champion's. */
export function challengerLines(challengers: readonly ChallengerReport[] = []): string[] {
  return challengers.map(({ name, columns, rows }) => {
    const failed = rows.failed === 0 ? '' : `, ${formatCount(rows.failed)} without a score`;
    const compared = columns.map(columnText).join('; ');
    return `${name}: ${compared === '' ? '' : `${compared}; `}${plural(rows.sampled, 'row')}${failed}`;
  });
}

function columnText(column: ComparedColumn): string {
  if (column.compared === 0) return `${column.column} in no row`;
  if (column.kind === 'labels') {
    return `${column.column} is the same in ${percentText(column.equal, column.compared)}`;
  }
  const { column: name, meanAbsoluteDifference, rankCorrelation, bands, compared } = column;
  return [
    `${name} differs by ${formatValue(meanAbsoluteDifference ?? 0)}`,
    ...(rankCorrelation === null ? [] : [`rank correlation ${formatValue(rankCorrelation)}`]),
    ...(bands === undefined ? [] : [`${percentText(bands.changed, compared)} change band`]),
  ].join(', ');
}

/** With two digits, and never 100% or 0% of what is not all or nothing. */
export function percentText(part: number, whole: number): string {
  if (whole === 0) return '–';
  const percent = (part / whole) * 100;
  if (part < whole && percent >= 99.95) return 'over 99.9%';
  if (part > 0 && percent < 0.05) return 'under 0.1%';
  return `${Number(percent.toFixed(1))}%`;
}
