import { TEXT_FAULTS, type TokensView } from './tokens-view.js';

/** The tokens of the rows of a batch, which are of different lengths. */
export class TokenRows {
  #ids = new Int32Array(1024);
  #types = new Uint8Array(1024);
  #used = 0;
  readonly #starts: Int32Array;
  #rows = 0;
  #truncated = 0;

  /** @param capacity the most rows. */
  constructor(capacity: number) {
    this.#starts = new Int32Array(capacity + 1);
  }

  get rows(): number {
    return this.#rows;
  }

  /** Rows whose text was cut. */
  get truncated(): number {
    return this.#truncated;
  }

  lengthOf(row: number): number {
    return (this.#starts[row + 1] ?? 0) - (this.#starts[row] ?? 0);
  }

  idsOf(row: number): Int32Array {
    return this.#ids.subarray(this.#starts[row], this.#starts[row + 1]);
  }

  typesOf(row: number): Uint8Array {
    return this.#types.subarray(this.#starts[row], this.#starts[row + 1]);
  }

  add(view: TokensView, row: number): void {
    const [from = 0, to = 0] = [view.offsets[row], view.offsets[row + 1]];
    this.#reserve(this.#used + to - from);
    this.#ids.set(view.ids.subarray(from, to), this.#used);
    this.#types.set(view.types.subarray(from, to), this.#used);
    this.#used += to - from;
    this.#starts[++this.#rows] = this.#used;
    if (view.faults[row] === TEXT_FAULTS.tooLong) this.#truncated++;
  }

  #reserve(length: number): void {
    if (length <= this.#ids.length) return;
    const [ids, types] = [new Int32Array(2 * length), new Uint8Array(2 * length)];
    ids.set(this.#ids.subarray(0, this.#used));
    types.set(this.#types.subarray(0, this.#used));
    [this.#ids, this.#types] = [ids, types];
  }
}
