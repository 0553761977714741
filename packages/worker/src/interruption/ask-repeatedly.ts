import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@shardmill/core';

export interface AskOptions {
  /** Name of the service in the log. */
  readonly service: string;
  /** Between two questions. */
  readonly intervalMs: number;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Asks again and again until the signal is aborted. A service that does not answer, or answers what
 * cannot be understood, is logged once, and once more when it is back: it may not be there at
 * all, and the worker must go on without it.
 */
export async function askRepeatedly(
  ask: () => Promise<void>,
  { service, intervalMs, log, signal }: AskOptions,
): Promise<void> {
  let away = false;
  while (!signal.aborted) {
    try {
      await ask();
      if (away) log.info({ service }, 'the metadata service answers again');
      away = false;
    } catch (error) {
      if (!away && !signal.aborted) {
        log.warn({ service, error: reasonOf(error) }, 'the metadata service does not answer');
        away = true;
      }
    }
    await sleep(intervalMs, undefined, { signal }).catch(() => {});
  }
}

/** What `fetch` says is "fetch failed"; why, its cause says. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
