/** DuckDB's message without the query text that it repeats below. */
export function duckdbMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split(/\n\s*\n?LINE \d+:/)[0] ?? message).trim();
}

export type DuckdbFault = 'value' | 'memory' | 'disk' | 'data';

/** What kind of thing went wrong, by the class that DuckDB puts before its messages. */
export function duckdbFault(message: string): DuckdbFault {
  if (/No space left on device|Disk quota exceeded|File too large/i.test(message)) return 'disk';
  if (message.startsWith('Out of Memory Error')) return 'memory';
  if (/^(Conversion|Out of Range|Mismatch Type) Error/.test(message)) return 'value';
  return 'data';
}
