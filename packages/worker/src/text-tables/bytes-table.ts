import { ABSENT } from './entry-table.js';
import type { TextBytes } from './text-bytes.js';

const MIN_SLOTS = 64;

/**
 * A hash table of texts by their bytes, wherever these lie. A number belongs to each. Open
 * addressing, filled by half at most.
 */
export class BytesTable {
  #slots = MIN_SLOTS;
  #values = new Int32Array(MIN_SLOTS).fill(ABSENT);
  #hashes = new Int32Array(MIN_SLOTS);
  #starts = new Int32Array(MIN_SLOTS);
  #lengths = new Int32Array(MIN_SLOTS);
  #count = 0;
  /** Of the text that was looked for last: its hash, and the slot where it belongs. */
  #hash = 0;
  #slot = 0;

  /** @param texts has those of the table */
  constructor(readonly texts: TextBytes) {}

  /** The number of a text, or `ABSENT`. */
  get(bytes: Uint8Array, start: number, length: number): number {
    const hash = hashOf(bytes, start, length);
    const mask = this.#slots - 1;
    let slot = hash & mask;
    for (; ; slot = (slot + 1) & mask) {
      const value = this.#values[slot] ?? ABSENT;
      if (value === ABSENT) break;
      if (this.#hashes[slot] === hash && this.#is(slot, bytes, start, length)) return value;
    }
    this.#hash = hash;
    this.#slot = slot;
    return ABSENT;
  }

  /** Adds the text that `get` has not found just now. @param start where it begins in `texts` */
  add(start: number, length: number, value: number): void {
    this.#put(this.#slot, this.#hash, start, length, value);
    if (++this.#count * 2 > this.#slots) this.#grow();
  }

  clear(): void {
    if (this.#count === 0) return;
    this.#count = 0;
    this.#values.fill(ABSENT);
  }

  #is(slot: number, bytes: Uint8Array, start: number, length: number): boolean {
    if (this.#lengths[slot] !== length) return false;
    const own = this.texts.bytes;
    const at = this.#starts[slot] ?? 0;
    for (let i = 0; i < length; i++) if (own[at + i] !== bytes[start + i]) return false;
    return true;
  }

  #put(slot: number, hash: number, start: number, length: number, value: number): void {
    this.#hashes[slot] = hash;
    this.#starts[slot] = start;
    this.#lengths[slot] = length;
    this.#values[slot] = value;
  }

  #grow(): void {
    const [values, hashes, starts, lengths] = [
      this.#values,
      this.#hashes,
      this.#starts,
      this.#lengths,
    ];
    this.#slots *= 2;
    this.#values = new Int32Array(this.#slots).fill(ABSENT);
    this.#hashes = new Int32Array(this.#slots);
    this.#starts = new Int32Array(this.#slots);
    this.#lengths = new Int32Array(this.#slots);
    const mask = this.#slots - 1;
    for (const [old, value] of values.entries()) {
      if (value === ABSENT) continue;
      const hash = hashes[old] ?? 0;
      let slot = hash & mask;
      while (this.#values[slot] !== ABSENT) slot = (slot + 1) & mask;
      this.#put(slot, hash, starts[old] ?? 0, lengths[old] ?? 0, value);
    }
  }
}

/** FNV-1a (Fowler, Noll, Vo; public domain), with the last step of MurmurHash 3. */
function hashOf(bytes: Uint8Array, start: number, length: number): number {
  let hash = 0x811c9dc5 ^ length;
  for (let i = start; i < start + length; i++) {
    hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
