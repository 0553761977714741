import { EXIT_CODES } from '@shardmill/core';

/** The part of `process` that is needed here. */
interface SignalSource {
  on(name: Interrupt, listener: () => void): unknown;
  off(name: Interrupt, listener: () => void): unknown;
  exit(code: number): void;
}
type Interrupt = (typeof INTERRUPTS)[number];
const INTERRUPTS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Ctrl-C or SIGTERM starts an orderly stop; a second one ends the process at once, which loses
 * no row: parts that are not complete do not exist.
 */
export function watchInterrupts(
  onFirst: () => void,
  source: SignalSource = process,
): { readonly signal: AbortSignal; readonly close: () => void } {
  const controller = new AbortController();
  const listener = (): void => {
    if (controller.signal.aborted) {
      source.exit(EXIT_CODES.interrupted);
      return;
    }
    onFirst();
    controller.abort();
  };
  for (const name of INTERRUPTS) source.on(name, listener);
  return {
    signal: controller.signal,
    close: () => {
      for (const name of INTERRUPTS) source.off(name, listener);
    },
  };
}
