import type { Stores } from '@shardmill/core';
import { watchInterrupts } from './interrupts.js';
import type { Terminal } from './terminal.js';
import { ProgressDisplay } from './ui/run/progress-display.js';

/** How work that is watched says how it goes on. */
export interface Watched {
  readonly display: ProgressDisplay;
  /** Aborts where the user wants it to end. */
  readonly signal: AbortSignal;
  readonly notice: (message: string) => void;
}

/**
 * Shows on standard error how work goes on, waits for the stores included, and ends it where the user wants it to.
 * @param name what is worked on, at the head of the lines.
 */
export async function whileWatching<T>(
  name: string,
  terminal: Terminal,
  stores: Pick<Stores, 'onWaiting'>,
  work: (watched: Watched) => Promise<T>,
): Promise<T> {
  const display = new ProgressDisplay(terminal, name);
  const notice = (message: string): void =>
    display.notice(terminal.errStyle.colors.yellow(message));
  stores.onWaiting = notice;
  const interrupts = watchInterrupts(() => notice('stopping'));
  try {
    return await work({ display, signal: interrupts.signal, notice });
  } finally {
    interrupts.close();
    display.close();
  }
}
