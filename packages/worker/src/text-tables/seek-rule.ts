/** Nothing is looked for where less was found in all that was kept before it was too much. */
const MIN_SHARE_FOUND = 1 / 8;
/** For so many times as many rows; then it is tried again. */
const UNSOUGHT_PERIODS = 7;

/**
 * Whether it is worth to look for what rows have among what is kept of earlier ones: not where nearly
 * all of it is different.
 */
export class SeekRule {
  /** Rows that were looked for since all was forgotten. */
  #sought = 0;
  /** Rows that are not looked for. */
  #unsought = 0;
  /** Whether those of the last chunk were not looked for, and can not be found. */
  #isUnsought = false;

  get isWorth(): boolean {
    return this.#unsought === 0;
  }

  /** Rows of a chunk went by, looked for or not as it was worth before. */
  count(rows: number): void {
    if (this.isWorth) this.#sought += rows;
    else {
      this.#unsought = Math.max(0, this.#unsought - rows);
      this.#isUnsought = true;
    }
  }

  /** Whether what is kept of the last chunk has to be forgotten before the next one. */
  takeUnsought(): boolean {
    const was = this.#isUnsought;
    this.#isUnsought = false;
    return was;
  }

  /** All is forgotten. @param kept how much was kept: as many rows had something new */
  forgotten(kept: number): void {
    const found = this.#sought - kept;
    if (found < this.#sought * MIN_SHARE_FOUND) this.#unsought = this.#sought * UNSOUGHT_PERIODS;
    this.#sought = 0;
  }
}
