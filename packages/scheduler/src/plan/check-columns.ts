import { ShardmillError } from '@shardmill/core';
import type { Layout, TypeConflict } from './merge-columns.js';

/** @throws INPUT_SCHEMA_MISMATCH where files give a used column types that have no common one. */
export function refuseTypeConflicts(
  conflicts: readonly TypeConflict[],
  used: readonly string[],
): void {
  const names = lowerCase(used);
  const conflict = conflicts.find(({ column }) => names.has(column.toLowerCase()));
  if (conflict === undefined) return;
  const { column, first, second } = conflict;
  throw new ShardmillError(
    'INPUT_SCHEMA_MISMATCH',
    `column "${column}" is ${first.type} in ${first.path}, but ${second.type} in ${second.path}`,
    { where: second.path, remedy: 'Write the files with one type, or narrow input.uri to one.' },
  );
}

/** A layout and how many files have it. */
export interface CountedLayout extends Layout {
  readonly files: number;
}

/** @throws INPUT_SCHEMA_MISMATCH where some file lacks a column that is used. */
export function refuseMissingColumns(
  layouts: readonly CountedLayout[],
  partitionColumns: readonly { readonly name: string }[],
  used: readonly string[],
): void {
  const partitions = lowerCase(partitionColumns.map(({ name }) => name));
  const total = layouts.reduce((sum, { files }) => sum + files, 0);
  for (const name of used) {
    const key = name.toLowerCase();
    if (partitions.has(key)) continue;
    const without = layouts.filter(
      ({ columns }) => !columns.some((column) => column.name.toLowerCase() === key),
    );
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

function lowerCase(names: readonly string[]): Set<string> {
  return new Set(names.map((name) => name.toLowerCase()));
}
