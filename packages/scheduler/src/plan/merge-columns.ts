import type { Column } from '@shardmill/core';

/** A distinct file schema, with the first file that has it. */
export interface Layout {
  readonly columns: readonly Column[];
  readonly path: string;
}

/** Two files whose types for a column have no common one. */
export interface TypeConflict {
  readonly column: string;
  readonly first: { readonly type: string; readonly path: string };
  readonly second: { readonly type: string; readonly path: string };
}

export interface MergedColumns {
  /** Every file's columns, with one type for all files; partition columns last. */
  readonly columns: readonly Column[];
  /** Columns that cannot have one type; they matter only if they are used. */
  readonly conflicts: readonly TypeConflict[];
}

/**
 * The columns of all files together, by name without regard to case, in order of first appearance.
 * Integers are widened to one that holds both, integers with floating point to DOUBLE. A partition
 * column takes the place of a file's column of its name.
 */
export function mergeColumns(
  layouts: readonly Layout[],
  partitionColumns: readonly Column[],
): MergedColumns {
  const merged = new Map<string, { column: Column; path: string }>();
  const conflicts = new Map<string, TypeConflict>();
  const partitions = new Set(partitionColumns.map(({ name }) => name.toLowerCase()));
  for (const { columns, path } of layouts) {
    for (const column of columns) {
      const key = column.name.toLowerCase();
      if (partitions.has(key)) continue;
      const known = merged.get(key);
      if (known === undefined) {
        merged.set(key, { column, path });
        continue;
      }
      const type = commonType(known.column.type, column.type);
      if (type !== undefined) {
        if (type !== known.column.type)
          merged.set(key, { column: { ...known.column, type }, path });
      } else if (!conflicts.has(key)) {
        conflicts.set(key, {
          column: known.column.name,
          first: { type: known.column.type, path: known.path },
          second: { type: column.type, path },
        });
      }
    }
  }
  return {
    columns: [...[...merged.values()].map(({ column }) => column), ...partitionColumns],
    conflicts: [...conflicts.values()],
  };
}

const SIGNED = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT'];
const UNSIGNED = ['UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT'];

/** The type that holds the values of both, or undefined. */
export function commonType(a: string, b: string): string | undefined {
  if (a === b) return a;
  const [integerA, integerB] = [isInteger(a), isInteger(b)];
  if (integerA && integerB) return commonInteger(a, b);
  const numbers = (integerA || isFloat(a)) && (integerB || isFloat(b));
  return numbers ? 'DOUBLE' : undefined;
}

function commonInteger(a: string, b: string): string | undefined {
  const unsigned = Math.max(UNSIGNED.indexOf(a), UNSIGNED.indexOf(b));
  const signed = Math.max(SIGNED.indexOf(a), SIGNED.indexOf(b));
  if (signed < 0) return UNSIGNED[unsigned];
  // A signed type holds an unsigned one of half its width.
  return SIGNED[Math.max(signed, unsigned + 1)];
}

function isInteger(type: string): boolean {
  return SIGNED.includes(type) || UNSIGNED.includes(type);
}

function isFloat(type: string): boolean {
  return type === 'FLOAT' || type === 'DOUBLE';
}
