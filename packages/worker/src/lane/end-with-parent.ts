const LOOK_MS = 2000;

/**
 * Ends the engine process when the process that started it is gone, even where the engine's main
 * thread is stuck, in a transform for example, and does not notice. To be called in another thread.
 */
export function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  }, LOOK_MS).unref();
}
