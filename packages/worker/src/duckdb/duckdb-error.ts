import { ShardmillError } from '@shardmill/core';

/**
 * DuckDB's message without what it puts below: the query's text, the frames of its own C++ code,
 * and where to report it.
 */
export function duckdbMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split(BELOW)[0] ?? message).trim();
}

const BELOW =
  /\n\s*\n?LINE \d+:|\s*\n+Stack Trace:|\s*\n+This error signals an assertion failure|\n(?:Database is launched in in-memory mode|Possible solutions:)/;

/** How much memory an allocation that failed asked for; undefined where the message is another. */
export function allocationBytes(message: string): number | undefined {
  const match = /failed to allocate data of size ([\d.]+) (bytes|[KMGT]iB)/i.exec(message);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const power = 'KMGT'.indexOf(match[2].charAt(0).toUpperCase()) + 1;
  return Number(match[1]) * 1024 ** power;
}

export type DuckdbFault = 'value' | 'memory' | 'disk' | 'data';

/** What kind of thing went wrong, by the class that DuckDB puts before its messages. */
export function duckdbFault(message: string): DuckdbFault {
  if (/No space left on device|Disk quota exceeded|File too large/i.test(message)) return 'disk';
  if (message.startsWith('Out of Memory Error')) return 'memory';
  if (/^(Conversion|Out of Range|Mismatch Type) Error/.test(message)) return 'value';
  return 'data';
}

/**
 * What DuckDB threw over data that it was to read.
 * @param what could not be done. @param memoryRemedy what helps where there was too little memory.
 */
export function dataError(error: unknown, what: string, memoryRemedy?: string): unknown {
  if (error instanceof ShardmillError) return error;
  const message = duckdbMessage(error);
  const fault = duckdbFault(message);
  const code =
    fault === 'disk' ? 'DISK_FULL' : fault === 'memory' ? 'ENGINE_OUT_OF_MEMORY' : 'INPUT_DAMAGED';
  return new ShardmillError(code, `${what}: ${message}`, {
    remedy: fault === 'memory' ? memoryRemedy : undefined,
    cause: error,
  });
}
