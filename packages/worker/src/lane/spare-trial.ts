/** Batches that are not counted, since the lanes before may still work, and those that are. */
const WARM_UP_BATCHES = 2;
const TIMED_BATCHES = 6;

/** What a spare lane shows while all batches go to it. */
export class SpareTrial {
  #rows = 0;
  #milliseconds = 0;
  #batches = 0;
  #resolve: (msPerRow: number) => void = () => {};
  /** Milliseconds per row, once enough batches were timed. */
  readonly msPerRow = new Promise<number>((resolve) => {
    this.#resolve = resolve;
  });

  record(rows: number, milliseconds: number): void {
    if (++this.#batches <= WARM_UP_BATCHES) return;
    this.#rows += rows;
    this.#milliseconds += milliseconds;
    if (this.#batches < WARM_UP_BATCHES + TIMED_BATCHES) return;
    this.#resolve(this.#milliseconds / this.#rows);
  }
}
