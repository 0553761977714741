import { ShardmillError } from '@shardmill/core';

/** How a process has ended by itself, or by the hand of another. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines that it wrote on standard error. */
  readonly said: string;
  /** Whether the system has killed a process for want of memory since this one was started. */
  readonly oomKill: boolean;
  /** Where the tokenizer of its run lies, if that has one. */
  readonly tokenizer?: string | undefined;
}

/** What an allocation that failed leaves on standard error. */
const FAILED_ALLOCATION =
  /heap out of memory|bad_alloc|Allocation failed|memory allocation of \d+ bytes failed/i;
/** What Rust says before it ends the process; of what an engine loads, the tokenizers are of Rust. */
const PANIC = /panicked at [^\n]*\n([^\n]+)/;

/** The error that an engine's end is: ENGINE_OUT_OF_MEMORY, TOKENIZER_FAILED or ENGINE_CRASHED. */
export function engineDeath({
  code,
  signal,
  said,
  oomKill,
  tokenizer,
}: ProcessEnd): ShardmillError {
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
  const panic = PANIC.exec(said)?.[1];
  if (tokenizer !== undefined && panic !== undefined && !FAILED_ALLOCATION.test(said)) {
    return new ShardmillError(
      'TOKENIZER_FAILED',
      `the tokenizer ended the engine process: ${panic}`,
      {
        where: tokenizer,
        remedy: /retry-limit/.test(panic)
          ? 'A pattern in the tokenizer file backtracks without end over a text of the input. Give the tokenizer.json that was exported beside the model, or correct its patterns.'
          : undefined,
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

/** For the message of an engine's end. @param tokenizer where one lies that is slow just then */
export const whileTokenizing = (tokenizer: string | undefined): string =>
  tokenizer === undefined
    ? ''
    : `, and a call of the tokenizer ${tokenizer} was taking unusually long`;
