/** A field of a protobuf message. */
interface Field {
  readonly number: number;
  /** Of a varint field, as a signed number of 64 bits. */
  readonly value: number;
  /** Of a length-delimited field. */
  readonly bytes: Uint8Array;
}

const NONE = new Uint8Array(0);

/** The fields of a protobuf message. @throws RangeError where the bytes are not one. */
export function* fields(bytes: Uint8Array): Generator<Field> {
  const reader = new VarintReader(bytes);
  while (reader.at < bytes.length) {
    const tag = reader.next();
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (wire === 0) yield { number, value: reader.next(), bytes: NONE };
    else if (wire === 2) {
      const length = reader.next();
      const { at } = reader;
      if (length < 0 || at + length > bytes.length) throw new RangeError('truncated');
      yield { number, value: 0, bytes: bytes.subarray(at, at + length) };
      reader.at += length;
    } else if (wire === 5) reader.at += 4;
    else if (wire === 1) reader.at += 8;
    else throw new RangeError(`wire type ${wire}`);
  }
}

/** Reads one varint after another. */
export class VarintReader {
  at = 0;

  constructor(readonly bytes: Uint8Array) {}

  /** A signed number of 64 bits; beyond 2^53 as exactly as a double is. @throws RangeError */
  next(): number {
    let value = 0;
    // Of a negative number, which is written with all of its 64 bits: those that are not set.
    let unset = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new RangeError('truncated');
      value += (byte & 0x7f) * 2 ** shift;
      if (shift < 63) unset += (~byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return shift === 63 ? -unset - 1 : value;
    }
    throw new RangeError('varint too long');
  }
}

const utf8 = new TextDecoder();
export const text = (bytes: Uint8Array): string => utf8.decode(bytes);
