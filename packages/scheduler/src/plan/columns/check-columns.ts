import { ShardmillError, storedIndexes } from '@shardmill/core';
import type { Layout, NameConflict, TypeConflict } from './merge-columns.js';

/** @throws INPUT_SCHEMA_MISMATCH where files give a used column types that have no common one. */
export function refuseTypeConflicts(
  conflicts: readonly TypeConflict[],
  used: readonly string[],
): void {
  const conflict = conflicts.find(({ column }) => used.includes(column));
  if (conflict === undefined) return;
  const { column, first, second } = conflict;
  throw new ShardmillError(
    'INPUT_SCHEMA_MISMATCH',
    `column "${column}" is ${first.type} in ${first.path}, but ${second.type} in ${second.path}`,
    { where: second.path, remedy: 'Write the files with one type, or narrow input.uri to one.' },
  );
}

/** @throws INPUT_SCHEMA_MISMATCH where it is ambiguous which column of a file a used column is. */
export function refuseAmbiguousColumns(
  ambiguous: readonly NameConflict[],
  used: readonly string[],
): void {
  const conflict = ambiguous.find(({ column }) => used.includes(column));
  if (conflict === undefined) return;
  const { column, path, seen } = conflict;
  const names = seen.map((name) => `"${name}"`).join(', ');
  throw new ShardmillError(
    'INPUT_SCHEMA_MISMATCH',
    seen.filter((name) => name === column).length > 1
      ? `column "${column}" is there more than once in ${path}: ${names}`
      : `column "${column}" is used, but it is ambiguous whether ${path} has it as ${names}`,
    { where: path, remedy: 'Give the columns of the file names that differ in more than case.' },
  );
}

/** A layout and how many files have it. */
export interface CountedLayout extends Layout {
  readonly files: number;
}

/** @throws INPUT_SCHEMA_MISMATCH where some file that has rows lacks a column that is used. */
export function refuseMissingColumns(
  layouts: readonly CountedLayout[],
  columns: readonly { readonly name: string }[],
  partitionColumns: readonly { readonly name: string }[],
  used: readonly string[],
): void {
  const partitions = new Set(partitionColumns.map(({ name }) => name));
  const withRows = layouts.filter(({ rows }) => rows > 0);
  const stored = withRows.map((layout) => storedIndexes(layout.columns, columns));
  const total = withRows.reduce((sum, { files }) => sum + files, 0);
  for (const name of used) {
    if (partitions.has(name)) continue;
    const without = withRows.filter((_, index) => stored[index]?.has(name) !== true);
    const [first] = without;
    if (first === undefined) continue;
    const lacking = without.reduce((sum, { files }) => sum + files, 0);
    throw new ShardmillError(
      'INPUT_SCHEMA_MISMATCH',
      `column "${name}" is used, but ${first.path} lacks it; ` +
        `${total - lacking} of ${total} files have it`,
      {
        where: first.path,
        remedy: "Set input.missingColumns to 'null' to take it as null there, or narrow input.uri.",
      },
    );
  }
}
