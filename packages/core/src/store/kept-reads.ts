/** A piece that is larger is not kept: a footer of some hundred columns has less. */
const MAX_PIECE_BYTES = 256 * 1024;
/** Of all pieces that are kept. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Pieces of objects that were read last: what an object with one ETag has at one place never changes, and each read is a
 * round trip to the store.
 */
export class KeptReads {
  /** The one that was used last comes last. */
  readonly #pieces = new Map<string, Uint8Array>();
  #bytes = 0;

  /**
   * @param key names the object, its ETag and the place in it.
   * @throws what `read` throws, of which nothing is kept.
   */
  async read(key: string, read: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const kept = this.#pieces.get(key);
    if (kept !== undefined) {
      this.#pieces.delete(key);
      this.#pieces.set(key, kept);
      return kept;
    }
    const piece = await read();
    if (piece.byteLength <= MAX_PIECE_BYTES && !this.#pieces.has(key)) {
      this.#pieces.set(key, piece);
      this.#bytes += piece.byteLength;
    }
    for (const [oldest, { byteLength }] of this.#pieces) {
      if (this.#bytes <= MAX_BYTES) break;
      this.#pieces.delete(oldest);
      this.#bytes -= byteLength;
    }
    return piece;
  }
}
