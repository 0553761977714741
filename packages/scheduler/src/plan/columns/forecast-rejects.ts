import { formatCount, allowedRejects, type Job, type PlainFeature } from '@shardmill/core';
import type { NullCounts } from '../footers/null-counts.js';
import { nullRemedy } from './null-remedy.js';

/** Statistics of a column of one file cost about 2 µs; with fewer columns "at least" is still true. */
const MAX_FILE_COLUMNS = 500_000;
const SHOWN_COLUMNS = 3;

/**
 * Columns of which a null rejects a row, as far as footers show. Those of inputs that take NaN
 * for null are left out. With `where` there are none: it may filter the very rows that have nulls.
 */
export function rejectingColumns(
  plain: readonly PlainFeature[],
  {
    nulls,
    input,
  }: Pick<Job, 'nulls'> & {
    readonly input: Pick<Job['input'], 'missingColumns' | 'where'>;
  },
  files: number,
): string[] {
  if (input.where !== undefined) return [];
  const columns = plain
    .filter(({ float }) => !(float && nulls === 'nan'))
    .map(({ column }) => column);
  return [...new Set(columns)].slice(0, Math.floor(MAX_FILE_COLUMNS / files));
}

export interface Forecast {
  readonly counts: NullCounts;
  readonly plain: readonly PlainFeature[];
  readonly nulls: Job['nulls'];
  readonly maxRejectedRows: string | number;
  /** Rows of the plan. */
  readonly rows: number;
}

/** What the nulls in the features will do to the run; nothing where none are known. */
export function forecastRejects({
  counts,
  plain,
  nulls,
  maxRejectedRows,
  rows,
}: Forecast): string[] {
  const { byColumn } = counts;
  const [first] = byColumn;
  if (first === undefined) return [];
  const seen = byColumn
    .slice(0, SHOWN_COLUMNS)
    .map(([column, gaps]) => `column "${column}" is null in ${rowsText(gaps)}`);
  const more = byColumn.length - SHOWN_COLUMNS;
  const list = seen.join(', ') + (more > 0 ? `, ${more} more have nulls` : '');
  if (nulls === 'fail') {
    return [`the run will fail with NULL_FEATURE, as nulls: 'fail' says: ${list}`];
  }
  const allowed = allowedRejects(maxRejectedRows, rows);
  const start = `at least ${rowsText(counts.rows)} of ${formatCount(rows)} will be rejected: ${list}.`;
  const columns = new Set(byColumn.map(([column]) => column));
  const isFloat = plain.some(({ column, float }) => float && columns.has(column));
  const remedy = nullRemedy(first[0], isFloat, nulls);
  if (counts.rows <= allowed) return [`${start} ${remedy}`];
  return [
    `${start} errors.maxRejectedRows allows ${formatCount(allowed)}, so the run would end with REJECTED_OVER_BUDGET. ${remedy} Or raise errors.maxRejectedRows to do without these rows.`,
  ];
}

const rowsText = (n: number): string => `${formatCount(n)} ${n === 1 ? 'row' : 'rows'}`;
