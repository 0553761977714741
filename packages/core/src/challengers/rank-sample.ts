import { hashBehind, hashFirst, hashText } from '../profile/hash-value.js';

/** Rows of a run whose ranks are compared, about: they are kept in shard records until its end. */
const RANKED_ROWS = 5000;

/** How many rows of a run there are to one whose ranks are compared. */
export function rankEveryOf(rows: number): number {
  return Math.max(1, Math.floor(rows / RANKED_ROWS));
}

/**
 * Chooses the rows of a part whose ranks are compared, by their places in the part alone: each reader of
 * the part's files chooses the same.
 */
export class RankSample {
  readonly #first: number;
  readonly #limit: number;

  constructor(
    readonly every: number,
    place: { readonly shard: number; readonly part: number },
  ) {
    this.#first = hashFirst(hashText(`${place.shard}/${place.part}`).first);
    this.#limit = 2 ** 32 / every;
  }

  has(row: number): boolean {
    return this.every === 1 || hashBehind(row, this.#first) < this.#limit;
  }

  /** Those of `count` rows from `from` on that are in it, counted from there. */
  among(from: number, count: number): number[] {
    const rows: number[] = [];
    const [first, limit] = [this.#first, this.every === 1 ? Infinity : this.#limit];
    for (let i = 0; i < count; i++) if (hashBehind(from + i, first) < limit) rows.push(i);
    return rows;
  }
}
