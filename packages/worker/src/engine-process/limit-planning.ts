import { ShardmillError } from '@shardmill/core';
import { residentBytes } from './resident-memory.js';

/** What the planning of one run may take. */
export interface PlanningLimits {
  readonly timeoutMs: number;
  /** Resident bytes of all its processes together. */
  readonly memoryLimitBytes: number;
}

/** A process that works on a plan. */
export interface PlanningProcess {
  readonly pid: number | undefined;
  /** Ends the process at once, with this as the reason for whatever it was doing. */
  kill(reason: ShardmillError): void;
}

const MEMORY_CHECK_MS = 100;

/**
 * Plans under a deadline and a limit of memory. DuckDB computes constants while it binds an
 * expression, and no setting of it stops or bounds that: its processes are killed instead, and the
 * signal of `plan` is aborted.
 * @param cancelled ends planning, too: with its reason where that is a ShardmillError.
 * @throws PLAN_TIMEOUT, PLAN_OUT_OF_MEMORY, INTERRUPTED, and what `plan` throws
 */
export async function limitPlanning<T>(
  { timeoutMs, memoryLimitBytes }: PlanningLimits,
  processes: readonly PlanningProcess[],
  cancelled: AbortSignal | undefined,
  plan: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const stopped = new Promise<never>((_resolve, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason));
  });
  stopped.catch(() => {});
  const stop = (reason: ShardmillError): void => {
    // The first reason counts: what is killed fails in its own way.
    controller.abort(reason);
    for (const process of processes) process.kill(reason);
  };
  const cancel = (): void => stop(reasonOf(cancelled));
  const deadline = setTimeout(() => stop(late(timeoutMs)), timeoutMs);
  const watch = setInterval(() => {
    void memoryOf(processes).then((bytes) => {
      if (bytes > memoryLimitBytes) stop(tooLarge(bytes, memoryLimitBytes));
    });
  }, MEMORY_CHECK_MS);
  cancelled?.addEventListener('abort', cancel, { once: true });
  try {
    if (cancelled?.aborted === true) cancel();
    return await Promise.race([stopped, plan(controller.signal)]);
  } finally {
    clearTimeout(deadline);
    clearInterval(watch);
    cancelled?.removeEventListener('abort', cancel);
  }
}

async function memoryOf(processes: readonly PlanningProcess[]): Promise<number> {
  const each = await Promise.all(
    processes.map(async ({ pid }) => (pid === undefined ? undefined : residentBytes(pid))),
  );
  return each.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
}

function reasonOf(signal: AbortSignal | undefined): ShardmillError {
  const reason: unknown = signal?.reason;
  return reason instanceof ShardmillError
    ? reason
    : new ShardmillError('INTERRUPTED', 'planning was cancelled');
}

function late(timeoutMs: number): ShardmillError {
  return new ShardmillError(
    'PLAN_TIMEOUT',
    `planning was not done after ${timeoutMs / 1000} s, its limit`,
    { where: 'plan.timeout' },
  );
}

function tooLarge(bytes: number, limit: number): ShardmillError {
  const mib = (value: number): string => `${Math.round(value / 2 ** 20)} MiB`;
  return new ShardmillError(
    'PLAN_OUT_OF_MEMORY',
    `planning used ${mib(bytes)} of memory, its limit is ${mib(limit)}`,
    { where: 'plan.memoryLimit' },
  );
}
