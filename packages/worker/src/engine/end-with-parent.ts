/**
 * Ends this process when the one that started it is gone; until then, that one decides what becomes
 * of it.
 */
export function endWithParent(): void {
  const end = (): void => {
    process.kill(process.pid, 'SIGKILL');
  };
  process.on('disconnect', end);
  // It may have gone while the modules were loaded.
  if (!process.connected) end();
  // Ctrl-C reaches the whole process group.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
}
