import type { PartProgress } from './part-progress.js';

/**
 * Forwards the latest progress of each part at most every `intervalMs`: a message per batch costs
 * more than the batch where the model is cheap. A part that begins or is finished, and a file that
 * is created of one, is reported at once: a worker that has to stop decides by the parts that it knows of.
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
    const begins = progress.scored + progress.rejected === 0;
    if (begins || progress.finished !== null || progress.created !== undefined) {
      latest.delete(part);
      send(progress);
    } else {
      latest.set(part, progress);
      timer ??= setTimeout(flush, intervalMs);
    }
  };
}
