/** An SQL identifier that means exactly this name. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** An SQL string literal with exactly this text. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
