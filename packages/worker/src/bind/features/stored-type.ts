import { formatType, mapScalars, parseType, type Scoring, type TypeTree } from '@shardmill/core';
import { quoteName } from '../../duckdb/quote.js';

/**
 * The type in which Parquet has a value as it is, and in which every reader of the field reads it.
 * - Integers of 128 bits have no type there: DuckDB would write them as DOUBLE, and two of them could
 *   become one. As decimals they are exact, up to 38 digits; beyond, the conversion fails.
 * - Arrays of a fixed length become lists: DuckDB writes those with nulls in a form that other
 *   readers refuse (duckdb#24731).
 */
export function storedType(type: string): string {
  return formatType(withLists(mapScalars(parseType(type), (name) => WIDE.get(name) ?? name)));
}

const WIDE_DECIMAL = 'DECIMAL(38,0)';
const WIDE: ReadonlyMap<string, string> = new Map([
  ['HUGEINT', WIDE_DECIMAL],
  ['UHUGEINT', WIDE_DECIMAL],
]);

function withLists(type: TypeTree): TypeTree {
  switch (type.kind) {
    case 'scalar':
      return type;
    case 'list':
      return { ...type, element: withLists(type.element), suffix: '[]' };
    case 'map':
      return { ...type, key: withLists(type.key), value: withLists(type.value) };
    case 'struct':
      return {
        ...type,
        fields: type.fields.map(({ name, type: of }) => ({ name, type: withLists(of) })),
      };
    default: {
      const unknown: never = type;
      return unknown;
    }
  }
}

/**
 * A query of `selectList` with its columns in the types of the plan, which are those that are stored.
 */
export function storedSelect(columns: Scoring['output']['columns'], select: string): string {
  if (!columns.some(({ type }) => mayBeConverted(type))) return select;
  const items = columns.map(({ name, type }) => {
    const column = quoteName(name);
    return mayBeConverted(type) ? `CAST(${column} AS ${type}) AS ${column}` : column;
  });
  return `SELECT ${items.join(', ')} FROM (${select})`;
}

/** Whether it may have been another type before; a value of that type stays as it is. */
const mayBeConverted = (type: string): boolean =>
  type.includes(WIDE_DECIMAL) || type.includes('[]');
