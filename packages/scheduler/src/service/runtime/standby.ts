import type { Clock } from './clock.js';

/** How long something has been waited for without a break. */
export class Standby {
  #waits: { readonly what: string; readonly since: number } | undefined;

  constructor(readonly clock: Pick<Clock, 'now'>) {}

  /** Whether this has been waited for, and for nothing else, for so long. */
  hasWaited(what: string, ms: number): boolean {
    const now = this.clock.now();
    if (this.#waits?.what !== what) this.#waits = { what, since: now };
    return now - this.#waits.since >= ms;
  }

  reset(): void {
    this.#waits = undefined;
  }
}
