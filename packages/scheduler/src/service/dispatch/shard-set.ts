/** Numbers of shards, from 0 up to `limit`, one bit each. */
export class ShardSet {
  readonly #words: Uint32Array;
  #size = 0;

  constructor(readonly limit: number) {
    this.#words = new Uint32Array(Math.ceil(limit / 32));
  }

  get size(): number {
    return this.#size;
  }

  has(shard: number): boolean {
    return (this.#word(shard >>> 5) & (1 << (shard & 31))) !== 0;
  }

  /** @returns whether it was not there before; numbers that no shard has are left out. */
  add(shard: number): boolean {
    if (shard < 0 || shard >= this.limit || this.has(shard)) return false;
    this.#words[shard >>> 5] = this.#word(shard >>> 5) | (1 << (shard & 31));
    this.#size++;
    return true;
  }

  delete(shard: number): boolean {
    if (!this.has(shard)) return false;
    this.#words[shard >>> 5] = this.#word(shard >>> 5) & ~(1 << (shard & 31));
    this.#size--;
    return true;
  }

  clear(): void {
    this.#words.fill(0);
    this.#size = 0;
  }

  addAll(other: ShardSet): void {
    for (const shard of other) this.add(shard);
  }

  /** The first shard at or after `from` that is neither here nor in `other`. */
  firstMissing(from: number, other: ShardSet): number | undefined {
    for (let shard = from; shard < this.limit; ) {
      const taken = this.#word(shard >>> 5) | other.#word(shard >>> 5);
      if (taken === -1) {
        shard = (shard | 31) + 1;
        continue;
      }
      if ((taken & (1 << (shard & 31))) === 0) return shard;
      shard++;
    }
    return undefined;
  }

  *[Symbol.iterator](): Generator<number> {
    for (const [index, word] of this.#words.entries()) {
      if (word === 0) continue;
      for (let bit = 0; bit < 32; bit++) {
        if ((word & (1 << bit)) !== 0) yield index * 32 + bit;
      }
    }
  }

  /** As a signed number, which is what the operators on bits give. */
  #word(index: number): number {
    return (this.#words[index] ?? 0) | 0;
  }
}
