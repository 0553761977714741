import {
  type Column,
  foldName,
  formatType,
  mapScalars,
  NULL_TYPE,
  parseType,
  storedIndexes,
} from '@shardmill/core';
import { commonType } from './common-type.js';

/** A distinct file schema, with the first file that has it. */
export interface Layout {
  /** A column that is null in every row has the type `NULL_TYPE`. */
  readonly columns: readonly Column[];
  readonly path: string;
  /** Rows of all its files: those without any decide no types. */
  readonly rows: number;
}

/** Two files whose types for a column have no common one. */
export interface TypeConflict {
  readonly column: string;
  readonly first: { readonly type: string; readonly path: string };
  readonly second: { readonly type: string; readonly path: string };
}

/** A file in which it is ambiguous which of its columns an input column is. */
export interface NameConflict {
  readonly column: string;
  readonly path: string;
  /** The names that it could be, as the file has them. */
  readonly seen: readonly string[];
}

export interface MergedColumns {
  /** Every file's columns, with one type for all files; partition columns last. */
  readonly columns: readonly Column[];
  /** Columns that cannot have one type; they matter only if they are used. */
  readonly conflicts: readonly TypeConflict[];
  /** Columns that are ambiguous in some file; they matter only if they are used. */
  readonly ambiguous: readonly NameConflict[];
  /** Columns whose types differ among files that have rows, whether or not they have a common one. */
  readonly drifting: readonly string[];
}

/**
 * The columns of all files together, in order of first appearance. Names that differ only in case
 * are one column, unless some file has both. A partition column takes the place of a file's column
 * of its name.
 */
export function mergeColumns(
  layouts: readonly Layout[],
  partitionColumns: readonly Column[],
): MergedColumns {
  const partitions = new Set(partitionColumns.map(({ name }) => foldName(name)));
  const names = namesOf(layouts).filter((name) => !partitions.has(foldName(name)));
  const ambiguous = findAmbiguous(layouts, names);
  const named = names.map((name) => ({ name }));
  const conflicts: TypeConflict[] = [];
  const drifting: string[] = [];
  const found = new Map<string, Found[]>(names.map((name) => [name, []]));
  for (const layout of layouts) {
    for (const [name, index] of storedIndexes(layout.columns, named)) {
      const type = layout.columns[index]?.type;
      if (type !== undefined) found.get(name)?.push({ type, layout });
    }
  }
  const columns = names.map((name) => {
    const all = found.get(name) ?? [];
    const deciding = all.filter(({ type, layout }) => layout.rows > 0 && type !== NULL_TYPE);
    const { type, conflict } = foldTypes(name, deciding);
    if (conflict !== undefined) conflicts.push(conflict);
    if (new Set(deciding.map((one) => one.type)).size > 1) drifting.push(name);
    // Nothing but files without a value: whatever they say is as good.
    const fallback = all.find((one) => one.type !== NULL_TYPE)?.type;
    return { name, type: withoutNull(type ?? fallback ?? NULL_TYPE) };
  });
  return { columns: [...columns, ...partitionColumns], conflicts, ambiguous, drifting };
}

interface Found {
  readonly type: string;
  readonly layout: Layout;
}

function foldTypes(
  column: string,
  found: readonly Found[],
): { type: string | undefined; conflict?: TypeConflict } {
  let known: Found | undefined;
  for (const one of found) {
    const type = known === undefined ? one.type : commonType(known.type, one.type);
    if (type === undefined && known !== undefined) {
      const first = { type: known.type, path: known.layout.path };
      const second = { type: one.type, path: one.layout.path };
      return { type: known.type, conflict: { column, first, second } };
    }
    if (type !== undefined && type !== known?.type) known = { type, layout: one.layout };
  }
  return { type: known?.type };
}

/** DuckDB has columns of no type as INTEGER. */
function withoutNull(type: string): string {
  return formatType(mapScalars(parseType(type), (name) => (name === NULL_TYPE ? 'INTEGER' : name)));
}

/** The spellings that are columns: the first one, or all of the files that have several. */
function namesOf(layouts: readonly Layout[]): string[] {
  const byFolded = layouts.map(({ columns }) => groupNames(columns.map(({ name }) => name)));
  const several = new Set<string>();
  for (const groups of byFolded) {
    for (const [folded, spellings] of groups) if (spellings.length > 1) several.add(folded);
  }
  const first = new Map<string, string>();
  const names = new Set<string>();
  for (const [index, { columns }] of layouts.entries()) {
    for (const { name } of columns) {
      const folded = foldName(name);
      const spellings = byFolded[index]?.get(folded) ?? [];
      if (!first.has(folded)) first.set(folded, name);
      if (several.has(folded) ? spellings.length > 1 : first.get(folded) === name) names.add(name);
    }
  }
  return [...names];
}

function findAmbiguous(layouts: readonly Layout[], names: readonly string[]): NameConflict[] {
  const columnsOf = groupNames(names);
  const conflicts = new Map<string, NameConflict>();
  for (const { columns, path } of layouts) {
    for (const [folded, seen] of groupNames(columns.map(({ name }) => name))) {
      const known = columnsOf.get(folded) ?? [];
      for (const column of known) {
        const twice = seen.filter((name) => name === column).length > 1;
        const stray = known.length > 1 && seen.some((name) => !known.includes(name));
        if ((twice || stray) && !conflicts.has(column)) {
          conflicts.set(column, { column, path, seen });
        }
      }
    }
  }
  return [...conflicts.values()];
}

/** Names that differ only in case, together. */
function groupNames(names: readonly string[]): ReadonlyMap<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const folded = foldName(name);
    const known = groups.get(folded);
    if (known === undefined) groups.set(folded, [name]);
    else known.push(name);
  }
  return groups;
}
