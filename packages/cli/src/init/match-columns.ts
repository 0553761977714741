import type { KnownColumn } from './known-column.js';

/** What is left of a name without case, spaces, hyphens, underscores and dots. */
function foldName(name: string): string {
  const folded = name.toLowerCase().replaceAll(/[\s\-_.]+/g, '');
  return folded === '' ? name : folded;
}

const LEVELS: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => name.toLowerCase(),
  foldName,
];

/**
 * A column for each name: of exactly that name, else without regard to case, else to hyphens,
 * underscores, dots and spaces. Only where one column and one name are meant, and no column twice.
 */
export function matchColumns(
  names: readonly string[],
  columns: readonly KnownColumn[],
): Map<string, KnownColumn> {
  const matched = new Map<string, KnownColumn>();
  const used = new Set<KnownColumn>();
  for (const level of LEVELS) {
    for (const name of names) {
      if (matched.has(name)) continue;
      const wanted = level(name);
      const found = columns.filter((column) => !used.has(column) && level(column.name) === wanted);
      const others = names.filter((other) => !matched.has(other) && level(other) === wanted);
      const [column] = found;
      if (column === undefined || found.length > 1 || others.length > 1) continue;
      matched.set(name, column);
      used.add(column);
    }
  }
  return matched;
}
