import { ShardmillError } from '@shardmill/core';

/**
 * What the work comes to or, if that is first, INTERRUPTED for the abort. The work goes on, but
 * its result is not waited for any more.
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => {});
  let stop = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(new ShardmillError('INTERRUPTED', 'its result is not waited for any more'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
