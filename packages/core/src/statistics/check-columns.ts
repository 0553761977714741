import type { OutputStatistics } from './output-statistics-schema.js';

/** What is odd about a column of a finished result, though every row of it was scored. */
export interface ColumnCheck {
  readonly check: 'all-null' | 'all-nan';
  readonly column: string;
  readonly rows: number;
}

/**
 * Columns without a value: null in every row, or without a number in any of them. Either is most
 * often a mistake of the job or of the model.
 * @param columns those that are looked at.
 */
export function checkColumns(
  statistics: Readonly<Record<string, OutputStatistics>>,
  columns: readonly string[],
): ColumnCheck[] {
  return columns.flatMap((column): ColumnCheck[] => {
    const {
      count: rows,
      nulls,
      numeric,
    } = statistics[column] ?? { count: 0, nulls: 0, numeric: null };
    if (rows === 0) return [];
    if (nulls === rows) return [{ check: 'all-null', column, rows }];
    const nan = numeric?.nan ?? 0;
    return nan > 0 && nulls + nan === rows ? [{ check: 'all-nan', column, rows }] : [];
  });
}
