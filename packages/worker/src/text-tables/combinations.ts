import { SeekRule } from './seek-rule.js';
import type { TextDictionary } from './text-dictionary.js';

/** More are begun anew. They are numbers, and so they may be more than there are texts in a dictionary. */
const MAX_COMBINATIONS = 2 ** 18;
const MIN_SLOTS = 1024;
const NONE = -1;

/**
 * The different combinations of texts that rows of several inputs have, each with a number: a hash table of
 * the codes of the texts. Open addressing, filled by half at most.
 */
export class Combinations {
  /** Is another one after each `clear`: numbers from before mean nothing then. */
  epoch = 0;
  /** How many it keeps from one chunk to the next. */
  max = MAX_COMBINATIONS;
  count = 0;
  /** Of each dictionary, the codes of the combinations. */
  readonly #codes: Int32Array[];
  #slots = new Int32Array(MIN_SLOTS).fill(NONE);
  readonly #rule = new SeekRule();
  #epochs: readonly number[] = [];

  /** @param dictionaries of the inputs; at least two */
  constructor(readonly dictionaries: readonly TextDictionary[]) {
    this.#codes = dictionaries.map(() => new Int32Array(MIN_SLOTS));
  }

  /** Has to be called between chunks: forgets all, if they are too many, or if texts have been forgotten. */
  trim(): void {
    if (this.#rule.takeUnsought()) {
      this.clear();
      return;
    }
    const stale = this.dictionaries.some(({ epoch }, index) => epoch !== this.#epochs[index]);
    if (!stale && this.count <= this.max) return;
    this.#rule.forgotten(this.count);
    this.clear();
  }

  clear(): void {
    this.epoch++;
    if (this.count > 0) this.#slots.fill(NONE);
    this.count = 0;
    this.#epochs = this.dictionaries.map(({ epoch }) => epoch);
  }

  /** Numbers of the rows' combinations. @param codes of the rows' texts, by dictionary */
  encode(codes: readonly Int32Array[]): Int32Array {
    const rows = codes[0]?.length ?? 0;
    const seek = this.#rule.isWorth;
    const hashes = hashesOf(codes, rows);
    const numbers = new Int32Array(rows);
    for (let row = 0; row < rows; row++) {
      numbers[row] = seek ? this.#numberOf(hashes[row] ?? 0, codes, row) : this.#add(codes, row);
    }
    this.#rule.count(rows);
    return numbers;
  }

  /** Of the combinations from `from` on, the texts of one dictionary. */
  texts(dictionary: number, from: number): string[] {
    const texts = this.dictionaries[dictionary]?.texts ?? [];
    const codes = this.#codes[dictionary]?.subarray(from, this.count) ?? [];
    return Array.from(codes, (code) => texts[code] ?? '');
  }

  #numberOf(hash: number, codes: readonly Int32Array[], row: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (; ; slot = (slot + 1) & mask) {
      const number = slots[slot] ?? NONE;
      if (number === NONE) break;
      if (this.#is(number, codes, row)) return number;
    }
    slots[slot] = this.count;
    const number = this.#add(codes, row);
    if (this.count * 2 > slots.length) this.#growSlots();
    return number;
  }

  #is(number: number, codes: readonly Int32Array[], row: number): boolean {
    const own = this.#codes;
    for (let i = 0; i < codes.length; i++) {
      if (own[i]?.[number] !== codes[i]?.[row]) return false;
    }
    return true;
  }

  #add(codes: readonly Int32Array[], row: number): number {
    const number = this.count++;
    for (let i = 0; i < codes.length; i++) {
      let own = this.#codes[i] ?? new Int32Array(0);
      if (number >= own.length) {
        const room = new Int32Array(own.length * 2);
        room.set(own);
        this.#codes[i] = own = room;
      }
      own[number] = codes[i]?.[row] ?? 0;
    }
    return number;
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(NONE);
    const mask = slots.length - 1;
    const hashes = hashesOf(this.#codes, this.count);
    for (let number = 0; number < this.count; number++) {
      let slot = (hashes[number] ?? 0) & mask;
      while (slots[slot] !== NONE) slot = (slot + 1) & mask;
      slots[slot] = number;
    }
    this.#slots = slots;
  }
}

/** The steps are those of MurmurHash 3 (Appleby, public domain). */
function hashesOf(codes: readonly Int32Array[], rows: number): Int32Array {
  const hashes = new Int32Array(rows);
  for (const column of codes) {
    for (let row = 0; row < rows; row++) {
      const hash = Math.imul((hashes[row] ?? 0) ^ (column[row] ?? 0), 0xcc9e2d51);
      const mixed = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
      hashes[row] = mixed ^ (mixed >>> 13);
    }
  }
  return hashes;
}
