import type { PartProgress } from './scorer.js';

/**
 * Hands on the latest progress of each part at most every `intervalMs`, a finished part at once:
 * a message per batch costs more than the batch where the model is cheap.
 */
export function throttleProgress(
  send: (progress: PartProgress) => void,
  intervalMs: number,
): (progress: PartProgress) => void {
  const latest = new Map<string, PartProgress>();
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    timer = undefined;
    for (const progress of latest.values()) send(progress);
    latest.clear();
  };
  return (progress) => {
    const part = `${progress.shard}/${progress.part}`;
    if (progress.finished !== null) {
      latest.delete(part);
      send(progress);
    } else {
      latest.set(part, progress);
      timer ??= setTimeout(flush, intervalMs);
    }
  };
}
