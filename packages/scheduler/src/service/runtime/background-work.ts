/** Work that goes on by itself, and that a process waits for when it ends. */
export class BackgroundWork {
  readonly #working = new Set<Promise<void>>();

  /** @param onError is called with what a piece of work failed with. */
  constructor(readonly onError: (error: unknown) => void) {}

  keep(work: Promise<void>): void {
    const kept = work
      .catch((error: unknown) => this.onError(error))
      .finally(() => this.#working.delete(kept));
    this.#working.add(kept);
  }

  /** Ends when no work goes on, that which other work has begun meanwhile included. */
  async done(): Promise<void> {
    while (this.#working.size > 0) await Promise.all(this.#working);
  }
}
