import { formatType, mapScalars, parseType, type Scoring } from '@shardmill/core';
import { quoteName } from '../sql/quote.js';

/**
 * The type in which Parquet has a value as it is. Integers of 128 bits have none there: DuckDB would
 * write them as DOUBLE, and two of them could become one. As decimals they are exact, up to 38
 * digits; beyond, the conversion fails.
 */
export function storedType(type: string): string {
  return formatType(mapScalars(parseType(type), (name) => WIDE.get(name) ?? name));
}

const WIDE_DECIMAL = 'DECIMAL(38,0)';
const WIDE: ReadonlyMap<string, string> = new Map([
  ['HUGEINT', WIDE_DECIMAL],
  ['UHUGEINT', WIDE_DECIMAL],
]);

/**
 * A query of `selectList` with its columns in the types of the plan, which are those that are stored.
 */
export function storedSelect(columns: Scoring['output']['columns'], select: string): string {
  if (!columns.some(({ type }) => isConverted(type))) return select;
  const items = columns.map(({ name, type }) => {
    const column = quoteName(name);
    return isConverted(type) ? `CAST(${column} AS ${type}) AS ${column}` : column;
  });
  return `SELECT ${items.join(', ')} FROM (${select})`;
}

/** Whether it may have been another type before; a decimal of that type stays as it is. */
const isConverted = (type: string): boolean => type.includes(WIDE_DECIMAL);
