/**
 * Finds how many rows of a batch one call of the model should take: with large batches the values
 * between the layers of a network leave the processor's cache (a 256-wide one runs 1.5 times as
 * fast on 1,024 rows as on 8,192), with small ones the calls cost more than they do. Tried out on
 * the first full batches, which are scored all the same.
 */
export class RunSize {
  /** The best milliseconds per row of each size. */
  readonly #best = new Map<number, number>(SIZES.map((size) => [size, Infinity]));
  #tried = 0;
  #chosen: number | undefined;

  /** Rows per call for a batch of so many rows. */
  forBatch(rows: number): number {
    if (this.#chosen !== undefined) return this.#chosen;
    if (rows < LEAST_ROWS) return Infinity;
    return SIZES[this.#tried % SIZES.length] ?? Infinity;
  }

  /** Tells how long a batch took with the size that `forBatch` gave for it. */
  record(rows: number, size: number, milliseconds: number): void {
    if (this.#chosen !== undefined || rows < LEAST_ROWS) return;
    const perRow = milliseconds / rows;
    this.#best.set(size, Math.min(this.#best.get(size) ?? Infinity, perRow));
    if (++this.#tried < SIZES.length * ROUNDS) return;
    let chosen = Infinity;
    for (const [candidate, time] of this.#best) {
      // A smaller size must be worth it: a difference of a few percent is noise.
      if (time < (this.#best.get(chosen) ?? Infinity) * WORTH_IT) chosen = candidate;
    }
    this.#chosen = chosen;
  }
}

/** Whole batches first: they are what stays where nothing is better. */
const SIZES = [Infinity, 2048, 1024, 512];
/** Of each size the fastest of so many batches counts: others were disturbed. */
const ROUNDS = 3;
const LEAST_ROWS = 4096;
const WORTH_IT = 0.95;
