import type { ReadInput } from '@shardmill/core';

/** Reads until the signal is aborted: then every further read fails with its reason. */
export function untilAborted(read: ReadInput, signal: AbortSignal | undefined): ReadInput {
  if (signal === undefined) return read;
  return (file, start, end) => {
    signal.throwIfAborted();
    return read(file, start, end);
  };
}
