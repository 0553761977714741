import { type Column, foldName } from '@shardmill/core';
import { sameType } from '../../delta/schema/same-type.js';
import { commonType } from './common-type.js';
import type { MergedColumns, TypeConflict } from './merge-columns.js';

/**
 * The columns of a table, whatever its files have: one that no file has is null everywhere, and what
 * only the files have is no column.
 * @param merged of all files.
 * @param columns of the table, without those of its partitioning.
 * @param path where the table is, for messages.
 */
export function tableColumns(
  merged: MergedColumns,
  columns: readonly Column[],
  partitionColumns: readonly Column[],
  path: string,
): MergedColumns {
  const stored = new Map(merged.columns.map((column) => [foldName(column.name), column]));
  const conflicts: TypeConflict[] = [...merged.conflicts];
  const own = columns.map(({ name, type }): Column => {
    const found = stored.get(foldName(name));
    if (found === undefined) return { name, type };
    if (sameType(found.type, type)) return { name, type: found.type };
    if (!converts(found.type, type)) {
      const first = { type, path: `the schema of ${path}` };
      conflicts.push({ column: name, first, second: { type: found.type, path } });
    }
    return { name, type };
  });
  return { ...merged, columns: [...own, ...partitionColumns], conflicts };
}

/** Older writers store times as INT96, which says nothing of a zone; they are in UTC. */
function converts(from: string, to: string): boolean {
  if (from === 'TIMESTAMP' && to === 'TIMESTAMP WITH TIME ZONE') return true;
  return commonType(from, to) === to;
}
