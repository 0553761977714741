interface Waiting {
  readonly rank: number;
  readonly go: () => void;
}

/** At most `limit` holders at once. */
export class Semaphore {
  #free: number;
  readonly #waiting: Waiting[] = [];

  constructor(limit: number) {
    this.#free = limit;
  }

  /**
   * Waits until there are fewer holders than the limit.
   * @param rank lower ranks go first, and within a rank the request that was made first.
   * @param signal ends the waiting.
   * @returns a function that releases what was acquired; calling it twice does nothing more.
   * @throws what the signal was aborted with
   */
  async acquire(rank = 0, signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#wait(rank, signal);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next.go();
    };
  }

  #wait(rank: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(signal?.reason);
      };
      const go = (): void => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const waiting: Waiting = { rank, go };
      const after = this.#waiting.findIndex((other) => other.rank > rank);
      this.#waiting.splice(after < 0 ? this.#waiting.length : after, 0, waiting);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}
