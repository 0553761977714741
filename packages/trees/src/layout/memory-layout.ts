export interface Segment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Pieces of data that are this close to each other become one segment. */
const MAX_GAP = 64;

/** Bytes between columns: those that are read at once must not all be in the same set of a cache. */
export const COLUMN_SHIFT = 192;

/** Allocates addresses of the module's memory; nothing is ever freed. */
export class MemoryLayout {
  #top = 1024;
  readonly #data: Segment[] = [];

  /** Bytes in use, from address 0 on. */
  get size(): number {
    return this.#top;
  }

  /** Room that is zero at first. @param align a power of two */
  reserve(bytes: number, align = 16): number {
    const address = Math.ceil(this.#top / align) * align;
    this.#top = address + bytes;
    return address;
  }

  /** Room for values that are there from the beginning. */
  place(values: ArrayBufferView, align = 16): number {
    const address = this.reserve(values.byteLength, align);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#data.push({ address, bytes });
    return address;
  }

  /** What was placed, as few pieces. */
  segments(): Segment[] {
    const segments: Segment[] = [];
    for (let first = 0, next = 0; first < this.#data.length; first = next) {
      const start = this.#data[first]?.address ?? 0;
      let end = start;
      for (next = first; next < this.#data.length; next++) {
        const piece = this.#data[next];
        if (piece === undefined || piece.address - end > MAX_GAP) break;
        end = piece.address + piece.bytes.length;
      }
      const bytes = new Uint8Array(end - start);
      for (const piece of this.#data.slice(first, next)) {
        bytes.set(piece.bytes, piece.address - start);
      }
      segments.push({ address: start, bytes });
    }
    return segments;
  }
}
