import { parseType, type TypeTree, unreachable } from '@shardmill/core';
import { unquote } from '../schema/same-type.js';
import type { TableType } from '../schema/table-schema.js';

const TABLE_TYPES: ReadonlyMap<string, string> = new Map([
  ['VARCHAR', 'string'],
  ['BIGINT', 'long'],
  ['INTEGER', 'integer'],
  ['SMALLINT', 'short'],
  ['TINYINT', 'byte'],
  ['FLOAT', 'float'],
  ['DOUBLE', 'double'],
  ['BOOLEAN', 'boolean'],
  ['BLOB', 'binary'],
  ['DATE', 'date'],
  ['TIMESTAMP WITH TIME ZONE', 'timestamp'],
  ['TIMESTAMP', 'timestamp_ntz'],
]);

/** The table's type for a column of DuckDB's; undefined where a table has none. */
export function tableTypeOf(sqlType: string): TableType | undefined {
  return fromTree(parseType(sqlType));
}

function fromTree(tree: TypeTree): TableType | undefined {
  switch (tree.kind) {
    case 'scalar': {
      const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(tree.name);
      return decimal === null ? TABLE_TYPES.get(tree.name) : `decimal(${decimal[1]},${decimal[2]})`;
    }
    case 'list': {
      const elementType = fromTree(tree.element);
      if (elementType === undefined) return undefined;
      return { type: 'array', elementType, containsNull: true };
    }
    case 'map': {
      const [keyType, valueType] = [fromTree(tree.key), fromTree(tree.value)];
      if (keyType === undefined || valueType === undefined) return undefined;
      return { type: 'map', keyType, valueType, valueContainsNull: true };
    }
    case 'struct': {
      const fields = tree.fields.flatMap(({ name, type }) => {
        const own = fromTree(type);
        return own === undefined
          ? []
          : [{ name: unquote(name), type: own, nullable: true, metadata: {} }];
      });
      return fields.length < tree.fields.length ? undefined : { type: 'struct', fields };
    }
    default:
      return unreachable(tree, 'type');
  }
}

/** Whether a type has a timestamp without a time zone somewhere, for which a table needs a feature. */
export function needsTimestampNtz(type: TableType): boolean {
  return JSON.stringify(type).includes('"timestamp_ntz"');
}
