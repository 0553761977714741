import { type Column, ShardmillError } from '@shardmill/core';
import type { TableField } from '../schema/table-schema.js';
import { tableTypeOf } from './table-type.js';

/** Characters that Spark does not take in the names of a table's columns. */
const BAD_NAME = /[ ,;{}()\n\t=]/;

/**
 * The fields of a table that has a job's output columns.
 * @throws TABLE_MISMATCH where a column has a type or a name that a table cannot have
 */
export function fieldsOf(columns: readonly Column[]): TableField[] {
  const seen = new Map<string, string>();
  return columns.map(({ name, type }): TableField => {
    const mismatch = (message: string, remedy: string): ShardmillError =>
      new ShardmillError('TABLE_MISMATCH', message, { where: `output.columns.${name}`, remedy });
    const twin = seen.get(name.toLowerCase());
    if (twin !== undefined) {
      throw mismatch(
        `the columns "${twin}" and "${name}" differ only in case, which a table does not allow`,
        'Rename one of them.',
      );
    }
    seen.set(name.toLowerCase(), name);
    if (BAD_NAME.test(name)) {
      throw mismatch(
        `the column name "${name}" has a space or one of ,;{}()=, which a table does not allow`,
        'Rename it.',
      );
    }
    const own = tableTypeOf(type);
    if (own !== undefined) return { name, type: own, nullable: true, metadata: {} };
    throw mismatch(
      `the column "${name}" has the type ${type}, for which a table of Delta Lake has none`,
      `Convert it: ${howToCast(type)}.`,
    );
  });
}

function howToCast(type: string): string {
  if (type.startsWith('TIMESTAMP_')) return 'CAST(… AS TIMESTAMP)';
  if (/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/.test(type)) {
    return type === 'UTINYINT' || type === 'USMALLINT'
      ? 'CAST(… AS INTEGER)'
      : 'CAST(… AS BIGINT), or AS DECIMAL(38, 0) where it does not fit';
  }
  return 'CAST(… AS VARCHAR)';
}
