import { type Column, ShardmillError } from '@shardmill/core';

/** Values of `name=value` folders by name, in the order of the path. */
export type PartitionValues = ReadonlyMap<string, string | null>;

const NULL_PARTITION = '__HIVE_DEFAULT_PARTITION__';

/** The partition values that the folders of a path give; the file's own name gives none. */
export function partitionValuesOf(filePath: string): PartitionValues {
  const values = new Map<string, string | null>();
  for (const folder of filePath.split('/').slice(0, -1)) {
    const equals = folder.indexOf('=');
    if (equals <= 0) continue;
    const value = decode(folder.slice(equals + 1));
    values.set(decode(folder.slice(0, equals)), value === NULL_PARTITION ? null : value);
  }
  return values;
}

/**
 * The partition columns of a whole listing: DATE if every value is an ISO date, BIGINT if every
 * value is an integer of 64 bits, else VARCHAR.
 * @throws INPUT_SCHEMA_MISMATCH where files are not partitioned by the same names.
 */
export function partitionColumns(
  files: readonly { readonly path: string; readonly values: PartitionValues }[],
): Column[] {
  const first = files[0];
  if (first === undefined) return [];
  const names = [...first.values.keys()];
  for (const file of files) {
    if (names.length !== file.values.size || !names.every((name) => file.values.has(name))) {
      throw new ShardmillError(
        'INPUT_SCHEMA_MISMATCH',
        `files are partitioned by different names: ${list(names)} in ${first.path}, ` +
          `${list([...file.values.keys()])} in ${file.path}`,
        {
          where: file.path,
          remedy: 'List files of one partitioning, or set input.hivePartitioning to false.',
        },
      );
    }
  }
  return names.map((name) => ({
    name,
    type: typeOf(files.map((f) => f.values.get(name) ?? null)),
  }));
}

function typeOf(values: readonly (string | null)[]): string {
  const given = new Set(values.filter((value) => value !== null));
  if (given.size === 0) return 'VARCHAR';
  if ([...given].every(isDate)) return 'DATE';
  return [...given].every(isInt64) ? 'BIGINT' : 'VARCHAR';
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function isInt64(text: string): boolean {
  return /^-?\d{1,40}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.map((name) => `"${name}"`).join(', ');
}
