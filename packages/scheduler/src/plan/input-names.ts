/** `_SUCCESS`, `.crc` and the like; but a partition folder `_year=2026` is data (as in Spark). */
export function isHidden(name: string): boolean {
  return name.startsWith('.') || (name.startsWith('_') && !name.includes('='));
}

/** Whether a file found in a folder is read. */
export function isParquetName(name: string): boolean {
  return /\.parq(uet)?$/i.test(name);
}
