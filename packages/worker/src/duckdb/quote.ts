/** An SQL identifier that means exactly this name. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** An SQL string literal with exactly this text. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A path as a literal for `read_parquet`, whose own wildcards are taken by their letters. */
export function quotePath(path: string): string {
  return quoteText(path.replaceAll(/[*?[]/g, (wildcard) => `[${wildcard}]`));
}
