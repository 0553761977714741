/** Partitioned results: which values can name a folder, and how they name it (Hive's layout). */

/**
 * Partitions of one part, at most. Each is a file that is open until the part is written, and DuckDB
 * keeps a piece of memory for each column of it.
 */
export const MAX_PARTITIONS_PER_PART = 200;

/** The folder of rows without a value, as Hive, Spark, DuckDB and pyarrow know it. */
const NULL_FOLDER = '__HIVE_DEFAULT_PARTITION__';
/** Bytes of one name in usual file systems. */
const MAX_FOLDER_BYTES = 255;

/** The types of columns whose values can name a folder. */
export const PARTITION_TYPES: ReadonlySet<string> = new Set([
  'VARCHAR',
  'BOOLEAN',
  'DATE',
  'TINYINT',
  'SMALLINT',
  'INTEGER',
  'BIGINT',
  'UTINYINT',
  'USMALLINT',
  'UINTEGER',
  'UBIGINT',
]);

/** The values of one partition by their columns, as DuckDB writes them as texts. */
export type PartitionValues = Readonly<Record<string, string | null>>;

/** Why no column of this name can be one of folders; undefined where it can. */
export function whyNotPartitionName(name: string): string | undefined {
  if (/^[A-Za-z][A-Za-z0-9_-]*$/.test(name)) return undefined;
  return 'a name of folders begins with a letter, and has letters, digits, "_" and "-" only';
}

/** Why a value cannot name a folder that all readers take for it; undefined where it can. */
export function whyNotPartitionValue(column: string, value: string | null): string | undefined {
  if (value === '') return 'an empty text, which readers refuse or take for null';
  if (value === NULL_FOLDER) return `the text "${value}", which readers take for null`;
  const bytes = Buffer.byteLength(folderOf(column, value));
  if (bytes <= MAX_FOLDER_BYTES) return undefined;
  return `a text whose folder has a name of ${bytes} bytes; ${MAX_FOLDER_BYTES} are possible`;
}

/** Why the value of a partition column cannot be one of a table; undefined where it can. */
export function whyNotTableValue(type: string, value: string | null): string | undefined {
  if (type !== 'DATE' || value === null || /^\d{4}-\d\d-\d\d$/.test(value)) return undefined;
  return `the date ${value}; a table can have those of the years 1 to 9999`;
}

/** The folders of a partition, the first column's outside: `country=DE/day=2026-11-22/`. */
export function partitionFolders(columns: readonly string[], values: PartitionValues): string {
  return columns.map((column) => `${folderOf(column, values[column] ?? null)}/`).join('');
}

function folderOf(column: string, value: string | null): string {
  return `${column}=${value === null ? NULL_FOLDER : escapeValue(value)}`;
}

/**
 * A value as Hive and Spark escape it: only what means something in a path or a pattern. Other
 * characters stay as they are, since Spark takes each escaped byte for a character of its own.
 * DuckDB takes a bare `NULL` for null, in any case, but not an escaped one.
 */
function escapeValue(value: string): string {
  if (/^null$/i.test(value)) return `${hex(value.slice(0, 1))}${value.slice(1)}`;
  return value.replaceAll(/[\u0000-\u001f\u007f"#%'*/:=?\\{[\]^]/g, hex);
}

function hex(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
