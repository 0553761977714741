/** There is no such entry. */
export const ABSENT = -3;

const MIN_SLOTS = 64;
const WORDS = 4;

/**
 * A hash table of the entries that a VARCHAR vector has for its texts: 16 bytes each, as four
 * integers. A number belongs to each. Open addressing, filled by half at most.
 */
export class EntryTable {
  #slots = MIN_SLOTS;
  #keys = new Int32Array(MIN_SLOTS * WORDS);
  #values = new Int32Array(MIN_SLOTS).fill(ABSENT);
  #count = 0;

  /** The number of the entry at `at` of `words`, or `ABSENT`. */
  get(words: Int32Array, at: number): number {
    const [values, slot] = [this.#values, this.#slotOf(this.#keys, words, at)];
    return values[slot] ?? ABSENT;
  }

  /** Adds an entry that is not there yet. */
  add(words: Int32Array, at: number, value: number): void {
    if (this.#count * 2 >= this.#slots) this.#grow();
    const slot = this.#slotOf(this.#keys, words, at);
    for (let i = 0; i < WORDS; i++) this.#keys[slot * WORDS + i] = words[at + i] ?? 0;
    this.#values[slot] = value;
    this.#count++;
  }

  clear(): void {
    if (this.#count === 0) return;
    this.#count = 0;
    this.#values.fill(ABSENT);
  }

  /** Where the entry is, or belongs. */
  #slotOf(keys: Int32Array, words: Int32Array, at: number): number {
    const mask = this.#slots - 1;
    const values = this.#values;
    const a = words[at] ?? 0;
    const b = words[at + 1] ?? 0;
    const c = words[at + 2] ?? 0;
    const d = words[at + 3] ?? 0;
    for (let slot = hash(a, b, c, d) & mask; ; slot = (slot + 1) & mask) {
      if (values[slot] === ABSENT) return slot;
      const key = slot * WORDS;
      if (keys[key] === a && keys[key + 1] === b && keys[key + 2] === c && keys[key + 3] === d) {
        return slot;
      }
    }
  }

  #grow(): void {
    const [slots, keys, values] = [this.#slots, this.#keys, this.#values];
    this.#slots = slots * 2;
    this.#keys = new Int32Array(this.#slots * WORDS);
    this.#values = new Int32Array(this.#slots).fill(ABSENT);
    this.#count = 0;
    for (let slot = 0; slot < slots; slot++) {
      const value = values[slot] ?? ABSENT;
      if (value !== ABSENT) this.add(keys, slot * WORDS, value);
    }
  }
}

/** The steps between words are those of MurmurHash 3 (Appleby, public domain). */
function hash(a: number, b: number, c: number, d: number): number {
  let mixed = Math.imul(a, 0xcc9e2d51) ^ Math.imul(b, 0x1b873593);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) ^ Math.imul(c, 0xcc9e2d51);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) ^ Math.imul(d, 0x1b873593);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}
