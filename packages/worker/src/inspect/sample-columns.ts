/** What the first rows show of a column. */
export interface ColumnSample {
  readonly rows: number;
  readonly nulls: number;
  /** Different values, nulls not counted. */
  readonly distinct: number;
  /** Whether all of its numbers are whole; false where it holds no numbers. */
  readonly whole: boolean;
  /** All of its texts, sorted by their bytes, where they are few and short; else null. */
  readonly values: readonly string[] | null;
}

/** Rows that are inspected, at most. */
export const SAMPLED_ROWS = 2048;
const MAX_VALUES = 32;
const MAX_LENGTH = 64;
const NUMBERS = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\))$/;

/**
 * Measures what distinguishes identifiers and categories from other columns.
 * @param from an SQL relation of at most {@link SAMPLED_ROWS} rows.
 * @param types of all of its columns, in order; others than numbers and texts are left out.
 * @returns a sample for each column, or undefined.
 */
export async function sampleColumns(
  rowsOf: (sql: string) => Promise<unknown[][]>,
  from: string,
  types: readonly string[],
): Promise<(ColumnSample | undefined)[]> {
  const items = types.map((type, index) => {
    const c = `c${index}`;
    const isNumber = NUMBERS.test(type);
    if (!isNumber && type !== 'VARCHAR') return 'NULL';
    const few = `count(DISTINCT ${c}) <= ${MAX_VALUES} AND max(length(${c})) <= ${MAX_LENGTH}`;
    const values = isNumber
      ? 'NULL'
      : `CASE WHEN ${few} THEN list_sort(list(DISTINCT ${c}) FILTER (${c} IS NOT NULL)) END`;
    const whole = isNumber ? `coalesce(bool_and(${c} = floor(${c})), true)` : 'false';
    return `{ 'rows': count(*), 'nulls': count(*) - count(${c}), 'distinct': count(DISTINCT ${c}), 'whole': ${whole}, 'values': ${values} }::JSON::VARCHAR`;
  });
  const aliases = types.map((_, index) => `c${index}`).join(', ');
  const [row = []] = await rowsOf(`SELECT ${items.join(', ')} FROM (${from}) AS t(${aliases})`);
  return row.map((text) => {
    if (typeof text !== 'string') return undefined;
    const sample: ColumnSample = JSON.parse(text);
    return sample.rows === 0 ? undefined : sample;
  });
}
