import { quoteName } from '@shardmill/core';
import type { TableType } from './table-schema.js';

const SQL_TYPES: ReadonlyMap<string, string> = new Map([
  ['string', 'VARCHAR'],
  ['long', 'BIGINT'],
  ['integer', 'INTEGER'],
  ['short', 'SMALLINT'],
  ['byte', 'TINYINT'],
  ['float', 'FLOAT'],
  ['double', 'DOUBLE'],
  ['boolean', 'BOOLEAN'],
  ['binary', 'BLOB'],
  ['date', 'DATE'],
  ['timestamp', 'TIMESTAMP WITH TIME ZONE'],
  ['timestamp_ntz', 'TIMESTAMP'],
]);

/** DuckDB's name of a table's type; undefined for one that is not known here (`variant`, `void`). */
export function sqlTypeOf(type: TableType): string | undefined {
  if (typeof type === 'string') {
    const decimal = /^decimal\((\d+),\s*(\d+)\)$/.exec(type);
    if (decimal !== null) return `DECIMAL(${decimal[1]},${decimal[2]})`;
    return SQL_TYPES.get(type);
  }
  switch (type.type) {
    case 'array': {
      const element = sqlTypeOf(type.elementType);
      return element === undefined ? undefined : `${element}[]`;
    }
    case 'map': {
      const [key, value] = [sqlTypeOf(type.keyType), sqlTypeOf(type.valueType)];
      return key === undefined || value === undefined ? undefined : `MAP(${key}, ${value})`;
    }
    case 'struct': {
      const fields = type.fields.map((field) => {
        const own = sqlTypeOf(field.type);
        // Always in quotes; `sameType` compares without them.
        return own === undefined ? undefined : `${quoteName(field.name)} ${own}`;
      });
      return fields.includes(undefined) ? undefined : `STRUCT(${fields.join(', ')})`;
    }
    default: {
      const unknown: never = type;
      return unknown;
    }
  }
}
