import { quoteName } from '../duckdb/quote.js';

/**
 * A column for a scan under a condition, hidden from the filters of the scan if its values may be
 * NaN. DuckDB drops row groups and skips filters by the statistics of the file, which leave NaN
 * out, although NaN is greater than every number to it. `least` of one argument is that argument,
 * without a copy; it has no statistics, and a filter on it is evaluated on the values. Only what the
 * condition names is wrapped: of a wrapped struct all fields are read.
 * @param sql the column's value.
 * @param condition undefined where no rows are filtered.
 */
export function shieldFloats(
  sql: string,
  column: { readonly name: string; readonly type: string },
  condition: string | undefined,
): string {
  return condition !== undefined && mayBeNaN(column.type) && mentions(condition, column.name)
    ? `least(${sql})`
    : sql;
}

/** Whether values of a type are or contain floats; a variant may hold anything. */
function mayBeNaN(type: string): boolean {
  return /FLOAT|DOUBLE|VARIANT/i.test(type);
}

/** Whether SQL may name a column: its name stands somewhere in the text, quoted or not. */
function mentions(sql: string, name: string): boolean {
  const [text, bare] = [asciiLowerCase(sql), asciiLowerCase(name)];
  return text.includes(bare) || text.includes(quoteName(bare));
}

/** DuckDB takes letters beyond ASCII as they are. */
function asciiLowerCase(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
