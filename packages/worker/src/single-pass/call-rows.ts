import { CHUNK_ROWS } from '../duckdb/raw-vector.js';

/** Rows of a call that are tried: the values between two layers of a network may leave the processor's cache. */
const SIZES = [CHUNK_ROWS, CHUNK_ROWS / 2, CHUNK_ROWS / 4, CHUNK_ROWS / 8];
/** Chunks that are scored with each size; the fastest counts, since the others were disturbed. */
const CHUNKS_PER_SIZE = 4;
/** A call has a cost of its own, of some ten microseconds: cheaper chunks are not divided. */
const MIN_DIVIDED_MS = 0.5;
/** Smaller calls must be faster by so much: less is noise. */
const GAIN = 0.97;

/** Finds, on the first whole chunks of a run, how many rows of a chunk one call of the model should take. */
export class CallRows {
  readonly #bestMs = SIZES.map(() => Infinity);
  #chunks = 0;
  #found: number | undefined;

  /** Rows of one call for the next chunk. */
  get rows(): number {
    return this.#found ?? SIZES[Math.floor(this.#chunks / CHUNKS_PER_SIZE)] ?? CHUNK_ROWS;
  }

  /** @param milliseconds that the calls for a chunk of `rows` rows took */
  record(rows: number, milliseconds: number): void {
    // Chunks of other sizes could not be compared.
    if (this.#found !== undefined || rows !== CHUNK_ROWS) return;
    const size = Math.floor(this.#chunks / CHUNKS_PER_SIZE);
    this.#bestMs[size] = Math.min(this.#bestMs[size] ?? Infinity, milliseconds);
    this.#chunks++;
    const [whole = 0] = this.#bestMs;
    const sizeIsMeasured = this.#chunks % CHUNKS_PER_SIZE === 0;
    if (sizeIsMeasured && whole < MIN_DIVIDED_MS) this.#found = CHUNK_ROWS;
    else if (this.#chunks === SIZES.length * CHUNKS_PER_SIZE) this.#found = fastest(this.#bestMs);
  }
}

/** The size whose calls were clearly faster than those of all larger ones. */
function fastest(bestMs: readonly number[]): number {
  let [chosen, best] = [CHUNK_ROWS, bestMs[0] ?? Infinity];
  for (const [index, size] of SIZES.entries()) {
    const milliseconds = bestMs[index] ?? Infinity;
    if (milliseconds < best * GAIN) [chosen, best] = [size, milliseconds];
  }
  return chosen;
}
