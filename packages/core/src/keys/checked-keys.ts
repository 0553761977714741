import type { Check } from '../job/quality/checks-schema.js';

/** A key whose repetitions are counted for a check. */
export interface CheckedKey {
  /** Of the check. */
  readonly name: string;
  /** Output columns. */
  readonly columns: readonly string[];
}

/** The keys that checks are of; undefined where none is, which costs nothing. */
export function checkedKeys(checks: readonly Check[] | undefined): CheckedKey[] | undefined {
  const keys = (checks ?? []).flatMap((check) =>
    check.kind === 'unique' ? [{ name: check.name, columns: keyColumns(check) }] : [],
  );
  return keys.length === 0 ? undefined : keys;
}

/** The columns of a key, of which a job may write a single one by itself. */
export function keyColumns({
  column,
  columns,
}: {
  readonly column?: string | undefined;
  readonly columns?: readonly string[] | undefined;
}): string[] {
  return columns === undefined ? (column === undefined ? [] : [column]) : [...columns];
}
