import { ShardmillError, untilAborted as untilAbortedBy } from '@shardmill/core';

/** `untilAborted` of core, with INTERRUPTED for the abort, whatever its reason is. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return untilAbortedBy(
    work,
    signal,
    () => new ShardmillError('INTERRUPTED', 'its result is not waited for any more'),
  );
}
