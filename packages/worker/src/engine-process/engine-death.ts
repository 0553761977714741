import { ShardmillError } from '@shardmill/core';

/** How a process has ended by itself, or by the hand of another. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines that it wrote on standard error. */
  readonly said: string;
  /** Whether the system has killed a process for want of memory since this one was started. */
  readonly oomKill: boolean;
}

/** What an allocation that failed leaves on standard error. */
const FAILED_ALLOCATION = /heap out of memory|bad_alloc|Allocation failed/i;

/** The error that an engine's end is: ENGINE_OUT_OF_MEMORY or ENGINE_CRASHED. */
export function engineDeath({ code, signal, said, oomKill }: ProcessEnd): ShardmillError {
  if (signal === 'SIGKILL' && oomKill) {
    return new ShardmillError(
      'ENGINE_OUT_OF_MEMORY',
      'the system killed the engine process (SIGKILL) for want of memory',
      {
        remedy:
          'Set resources.memoryLimit (or --memory-limit) below what the container or the machine has left: at the limit an engine is stopped in time.',
      },
    );
  }
  const how = signal === null ? `exit code ${code}` : signal;
  const message = `the engine process ended with ${how}${said === '' ? '' : `; it said: ${said}`}`;
  return new ShardmillError(
    FAILED_ALLOCATION.test(said) ? 'ENGINE_OUT_OF_MEMORY' : 'ENGINE_CRASHED',
    message,
    {
      remedy:
        signal === 'SIGKILL'
          ? 'SIGKILL from outside is most often the system short of memory: see dmesg.'
          : undefined,
    },
  );
}
