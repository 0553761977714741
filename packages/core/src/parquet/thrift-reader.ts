/**
 * A cursor over Thrift's compact protocol, of which a reader takes what it needs and skips the
 * rest: a footer names every column of every row group, a plan needs few of them.
 * Every method throws a RangeError where the bytes end early or make no sense.
 * @see https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
export class ThriftReader {
  /** Type of the field that `field` found. */
  type = 0;
  offset = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /**
   * Goes to the next field of a struct; its type is then in `type`.
   * @param previous id of the field before, 0 at the struct's start.
   * @returns the field's id, or 0 at the struct's end.
   */
  field(previous: number): number {
    const header = this.byte();
    if (header === 0) return 0;
    this.type = header & 0x0f;
    const delta = header >> 4;
    const id = delta === 0 ? this.integer() : previous + delta;
    if (id <= 0) throw new RangeError(`${id} is not a field`);
    return id;
  }

  byte(): number {
    const value = this.#bytes[this.offset++];
    if (value === undefined) throw new RangeError('the footer ends within a value');
    return value;
  }

  /** A zigzag i16, i32 or i64; beyond 2^53 it loses its last digits. */
  integer(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A zigzag integer that counts something. */
  count(): number {
    const value = this.integer();
    if (value < 0 || !Number.isSafeInteger(value)) throw new RangeError(`${value} is not a count`);
    return value;
  }

  /** A boolean field's value, which its type says. */
  bool(): boolean {
    return this.type === TRUE;
  }

  /** A view of the bytes of a string or binary. */
  binary(): Uint8Array {
    const length = this.#varint();
    const end = this.offset + length;
    if (end > this.#bytes.length) throw new RangeError('a text goes beyond the end of the footer');
    const value = this.#bytes.subarray(this.offset, end);
    this.offset = end;
    return value;
  }

  /** The bytes from `start` to here. */
  since(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.offset);
  }

  /** A list's header: its length; the elements' type is then in `type`. */
  listLength(): number {
    if (this.type !== LIST) throw new RangeError(`expected a list, found type ${this.type}`);
    const header = this.byte();
    this.type = header & 0x0f;
    const short = header >> 4;
    const length = short === 15 ? this.#varint() : short;
    // Every element takes a byte or more: a longer list is damage, not a reason to allocate.
    if (length > this.#bytes.length - this.offset) {
      throw new RangeError(`a list of ${length} goes beyond the end of the footer`);
    }
    return length;
  }

  /** Throws where the field at hand is not of this type. */
  expect(type: number): void {
    if (this.type !== type) throw new RangeError(`expected type ${type}, found ${this.type}`);
  }

  /** Passes over a value of type `type` that is a struct's field. */
  skip(type: number, depth = 0): void {
    switch (type) {
      case TRUE:
      case FALSE:
        return;
      case BYTE:
        this.byte();
        return;
      case I16:
      case I32:
      case I64:
        while (this.byte() >= 0x80);
        return;
      case DOUBLE:
        this.offset += 8;
        return;
      case BINARY:
        this.binary();
        return;
      case LIST:
      case SET: {
        this.type = LIST;
        const length = this.listLength();
        const element = this.type;
        const bools = element === TRUE || element === FALSE;
        for (let i = 0; i < length; i++) this.skip(bools ? BYTE : element, depth + 1);
        return;
      }
      case STRUCT: {
        if (depth > MAX_DEPTH) throw new RangeError('structs are nested too deeply');
        for (let id = this.field(0); id !== 0; id = this.field(id)) {
          this.skip(this.type, depth + 1);
        }
        return;
      }
      default:
        throw new RangeError(`${type} is not a type that a footer has`);
    }
  }

  #varint(): number {
    let byte = this.byte();
    let value = byte & 0x7f;
    let factor = 0x80;
    while (byte >= 0x80) {
      if (factor > 2 ** 63) throw new RangeError('an integer has more than 64 bits');
      byte = this.byte();
      value += (byte & 0x7f) * factor;
      factor *= 0x80;
    }
    return value;
  }
}

const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const I16 = 4;
const I32 = 5;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
export const LIST = 9;
const SET = 10;
export const STRUCT = 12;
const MAX_DEPTH = 64;
