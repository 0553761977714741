import { setTimeout as sleep } from 'node:timers/promises';

/** Repeats a task, with a pause after each end of it; failures are swallowed. */
export class Repeat {
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(everyMs: number, work: () => Promise<void>) {
    this.#done = this.#loop(everyMs, work);
  }

  /** Ends when the last time is done. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #loop(everyMs: number, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    while (await pause(everyMs, signal)) await work().catch(() => {});
  }
}

/** @returns false where it was cut short. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  return sleep(ms, true, { signal }).catch(() => false);
}
