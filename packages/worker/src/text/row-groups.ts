/** How many rows of which length a call may have. */
export interface GroupLimits {
  /** Tokens, those included to which shorter rows are padded; no limit where undefined. */
  readonly tokens?: number | undefined;
  readonly rows?: number | undefined;
}

export interface RowGroup {
  readonly rows: Int32Array;
  /** Tokens of its longest row. */
  readonly length: number;
}

/**
 * Divides rows of different lengths into calls, each of rows that are about as long. Calls come from
 * the long and from the short end in turn: the first one shows what the longest rows need, and calls
 * that are timed one after the other have rows of all lengths.
 */
export class RowGroups {
  readonly #order: Int32Array;
  #from = 0;
  #to: number;
  #longNext = true;

  /** @param lengths tokens of each row, at least one. */
  constructor(readonly lengths: Int32Array) {
    this.#order = Int32Array.from(lengths.keys()).toSorted(
      (a, b) => this.#length(b) - this.#length(a) || a - b,
    );
    this.#to = lengths.length;
  }

  /** The rows of the next call; undefined when there are none left. */
  next({ tokens = Infinity, rows = Infinity }: GroupLimits): RowGroup | undefined {
    const left = this.#to - this.#from;
    if (left === 0) return undefined;
    const long = this.#longNext;
    this.#longNext = !long;
    const most = Math.min(left, rows);
    let count = 1;
    if (long) {
      count = Math.max(1, Math.min(most, Math.floor(tokens / this.#at(this.#from))));
      this.#from += count;
    } else {
      while (count < most && (count + 1) * this.#at(this.#to - count - 1) <= tokens) count++;
      this.#to -= count;
    }
    const start = long ? this.#from - count : this.#to;
    const taken = this.#order.slice(start, start + count);
    return { rows: taken, length: this.#length(taken[0] ?? 0) };
  }

  #at(place: number): number {
    return this.#length(this.#order[place] ?? 0);
  }

  #length(row: number): number {
    return this.lengths[row] ?? 1;
  }
}
