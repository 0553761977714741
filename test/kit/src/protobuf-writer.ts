/** A value that protobuf writes as a varint: a safe integer, or a bigint of up to 64 bits. */
export type Integer = number | bigint;

const WIRE_VARINT = 0;
const WIRE_LENGTH_DELIMITED = 2;
const WIRE_FIXED32 = 5;

const utf8 = new TextEncoder();

/**
 * Writes one protobuf message in the wire format
 * (https://protobuf.dev/programming-guides/encoding/), as far as ONNX needs it: varints, fixed 32
 * bit floats, length-delimited fields and packed repeated scalars.
 *
 * Fields are written in call order. A nested message is a writer of its own, handed to
 * {@link ProtobufWriter.message}.
 */
export class ProtobufWriter {
  #buffer = new Uint8Array(64);
  #view = new DataView(this.#buffer.buffer);
  #length = 0;

  /** An int32, int64, uint64, bool or enum field. Negative values take ten bytes, by the format. */
  varint(field: number, value: Integer): this {
    this.#tag(field, WIRE_VARINT);
    this.#rawVarint(value);
    return this;
  }

  /** A `float` field, rounded to single precision. */
  float(field: number, value: number): this {
    this.#tag(field, WIRE_FIXED32);
    this.#rawFloat(value);
    return this;
  }

  /** A `bytes` field. */
  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, WIRE_LENGTH_DELIMITED);
    this.#rawVarint(value.length);
    this.#rawBytes(value);
    return this;
  }

  /** A `string` field (or a `bytes` field that holds UTF-8 text). */
  string(field: number, value: string): this {
    return this.bytes(field, utf8.encode(value));
  }

  /** A nested message, whose bytes are copied now. */
  message(field: number, value: ProtobufWriter): this {
    return this.bytes(field, value.#written());
  }

  /**
   * A repeated integer field in its packed form. Parsers have to take packed and unpacked alike,
   * whichever the schema declares.
   */
  packedVarints(field: number, values: Iterable<Integer>): this {
    const packed = new ProtobufWriter();
    for (const value of values) packed.#rawVarint(value);
    return this.message(field, packed);
  }

  /** A repeated `float` field in its packed form. */
  packedFloats(field: number, values: Iterable<number>): this {
    const packed = new ProtobufWriter();
    for (const value of values) packed.#rawFloat(value);
    return this.message(field, packed);
  }

  /** The bytes written so far, as a copy. */
  finish(): Uint8Array {
    return this.#written().slice();
  }

  #written(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  #tag(field: number, wireType: number): void {
    this.#rawVarint(field * 8 + wireType);
  }

  #rawVarint(value: Integer): void {
    if (typeof value === 'bigint' || value < 0) {
      this.#rawBigVarint(BigInt(value));
      return;
    }
    if (!Number.isSafeInteger(value)) throw new RangeError(`not a safe integer: ${value}`);
    let rest = value;
    while (rest >= 0x80) {
      this.#byte((rest % 0x80) + 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.#byte(rest);
  }

  /** Negative values as their 64 bit two's complement. */
  #rawBigVarint(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    while (rest >= 0x80n) {
      this.#byte(Number(rest & 0x7fn) + 0x80);
      rest >>= 7n;
    }
    this.#byte(Number(rest));
  }

  #rawFloat(value: number): void {
    this.#reserve(4);
    this.#view.setFloat32(this.#length, value, true);
    this.#length += 4;
  }

  #rawBytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  #reserve(extra: number): void {
    const needed = this.#length + extra;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.#written());
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }
}
