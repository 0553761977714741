/** `_SUCCESS`, `.crc` and the like; but a partition folder `_year=2026` is data (as in Spark). */
export function isHidden(name: string): boolean {
  return name.startsWith('.') || (name.startsWith('_') && !name.includes('='));
}

/**
 * What the name of a file in a folder says of its content. Hive, Impala and Trino write Parquet
 * under names without an extension (`000000_0`): only the content of such a file tells.
 */
export function kindOfName(name: string): 'parquet' | 'unknown' | 'other' {
  if (/\.(parquet|parq|pq)$/i.test(name)) return 'parquet';
  return /\.[a-z][a-z0-9]*$/i.test(name) ? 'other' : 'unknown';
}
