const TWO_28 = 2 ** 28;
const utf8 = new TextDecoder();

/**
 * Walks over the fields of one protobuf message:
 * `for (const field = new ProtobufReader(bytes); field.next(); ) …`.
 * @throws RangeError where the bytes are not a message.
 */
export class ProtobufReader {
  /** Number of the current field. */
  number = 0;
  /** 0: an integer, 1: eight bytes, 2: bytes of any length, 5: four bytes. */
  wireType = 0;
  /** Value of a field of wire type 0; as a signed integer, exact within 53 bits. */
  value = 0;
  /** First byte of a field's content. */
  start = 0;
  /** One behind the last byte of it. */
  end = 0;
  #at = 0;
  readonly #view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  next(): boolean {
    if (this.#at >= this.bytes.length) return false;
    const tag = this.#varint();
    this.number = Math.floor(tag / 8);
    this.wireType = tag % 8;
    this.start = this.#at;
    if (this.wireType === 0) this.value = this.#varint();
    else if (this.wireType === 1) this.#at += 8;
    else if (this.wireType === 5) this.#at += 4;
    else if (this.wireType === 2) {
      const length = this.#varint();
      this.start = this.#at;
      this.#at += length;
    } else throw new RangeError(`protobuf wire type ${this.wireType}`);
    if (!(this.#at >= this.start && this.#at <= this.bytes.length)) {
      throw new RangeError('truncated protobuf message');
    }
    this.end = this.#at;
    return true;
  }

  /** The content of a field of wire type 2. */
  get content(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }

  get text(): string {
    return utf8.decode(this.content);
  }

  /**
   * Puts the integers of a repeated field into a list from `at` on: packed, or one by itself.
   * @returns where the next ones go
   * @throws RangeError for one that has more than 32 bits
   */
  putIntegers(list: Int32Array, at: number): number {
    let next = at;
    if (this.wireType === 0) {
      list[next++] = int32(this.value);
      // Encoders write each value as a field of its own, one behind the other.
      while (this.#isNext(this.number * 8)) {
        this.#at++;
        list[next++] = int32(this.#varint());
      }
      return next;
    }
    const { end } = this;
    this.#at = this.start;
    while (this.#at < end) list[next++] = int32(this.#varint());
    return next;
  }

  /** The same for floats. */
  putFloats(list: Float32Array, at: number): number {
    let next = at;
    for (let byte = this.start; byte + 4 <= this.end; byte += 4) {
      list[next++] = this.#view.getFloat32(byte, true);
    }
    while (this.wireType === 5 && this.#isNext(this.number * 8 + 5)) {
      if (this.#at + 5 > this.bytes.length) throw new RangeError('truncated protobuf message');
      list[next++] = this.#view.getFloat32(this.#at + 1, true);
      this.#at += 5;
    }
    return next;
  }

  /** Whether a field with this tag follows, if it is a tag of one byte. */
  #isNext(tag: number): boolean {
    return tag < 128 && this.bytes[this.#at] === tag;
  }

  /** A varint of up to 64 bits, two's complement: in parts of 28, 28 and 8 bits. */
  #varint(): number {
    let low = 0;
    let middle = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.bytes[this.#at++];
      if (byte === undefined) throw new RangeError('truncated protobuf message');
      const bits = byte & 127;
      if (shift < 28) low |= bits << shift;
      else if (shift < 56) middle |= bits << (shift - 28);
      else high |= bits << (shift - 56);
      if (byte < 128) {
        if (shift < 28) return low;
        const sign = (high & 255) > 127 ? (high & 255) - 256 : high & 255;
        // A small negative number must not pass through 2^56, where a double is not exact.
        if (sign === -1) return low + (middle - TWO_28) * TWO_28;
        return low + middle * TWO_28 + sign * TWO_28 * TWO_28;
      }
    }
    throw new RangeError('protobuf integer of more than ten bytes');
  }
}

function int32(value: number): number {
  if (value === (value | 0)) return value;
  throw new RangeError(`the integer ${value} has more than 32 bits`);
}
