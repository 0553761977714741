import type { Clock } from './clock.js';

/** What a loop sleeps on: it is woken by time or by a ring, and a ring is never lost. */
export class Alarm {
  #rung = false;
  #sleeper: AbortController | undefined;

  constructor(readonly clock: Clock) {}

  ring(): void {
    this.#rung = true;
    this.#sleeper?.abort();
  }

  /** Ends after that time, or at once where it rang since the last time. */
  async wait(ms: number): Promise<void> {
    if (!this.#rung && ms > 0) {
      const sleeper = new AbortController();
      this.#sleeper = sleeper;
      await this.clock.sleep(ms, sleeper.signal);
      this.#sleeper = undefined;
    }
    this.#rung = false;
  }
}
