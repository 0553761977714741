import { watchInterrupts } from '../interrupts.js';

/**
 * Waits for SIGTERM, for Ctrl-C, for the end of the process that started this one over a channel
 * (`dev`), or for `ended`, whatever comes first; then stops. A second signal ends it at once.
 * @param stop is called with the reason: `sigterm` (Ctrl-C, too), `parent-gone`, or what `ended` says.
 */
export async function untilStopped(
  ended: Promise<string>,
  stop: (reason: string) => Promise<void>,
): Promise<void> {
  let interrupted = (_reason: string): void => {};
  const interruption = new Promise<string>((resolve) => {
    interrupted = resolve;
  });
  const interrupts = watchInterrupts(() => interrupted('sigterm'));
  const orphaned = (): void => interrupted('parent-gone');
  process.once('disconnect', orphaned);
  try {
    await stop(await Promise.race([interruption, ended]));
  } finally {
    interrupts.close();
    process.off('disconnect', orphaned);
  }
}
