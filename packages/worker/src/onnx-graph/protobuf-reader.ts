/** One field of a protobuf message. */
export interface ProtobufField {
  readonly number: number;
  /** Of a varint field, as a signed 64-bit integer; exact up to 2^53. Of fixed-size fields 0. */
  readonly value: number;
  /** Of a length-delimited field; empty for others. */
  readonly bytes: Uint8Array;
}

const NONE = new Uint8Array(0);

/** The fields of a protobuf message. @throws RangeError where the bytes are not one. */
export function* protobufFields(bytes: Uint8Array): Generator<ProtobufField> {
  let at = 0;
  /** Seven bits a byte, the lowest first; a negative number is its two's complement of 64 bits. */
  const varint = (): number => {
    let [low, high] = [0, 0];
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('truncated');
      const bits = byte & 0x7f;
      if (shift < 28) low += bits * 2 ** shift;
      else high += bits * 2 ** (shift - 28);
      // The ten bytes hold 70 bits, of which 64 count.
      if (byte < 0x80)
        return high >= 2 ** 35
          ? low + ((high % 2 ** 36) - 2 ** 36) * 2 ** 28
          : low + high * 2 ** 28;
    }
    throw new RangeError('varint too long');
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (wire === 0) yield { number, value: varint(), bytes: NONE };
    else if (wire === 2) {
      const length = varint();
      if (length < 0 || at + length > bytes.length) throw new RangeError('truncated');
      yield { number, value: 0, bytes: bytes.subarray(at, at + length) };
      at += length;
    } else if (wire === 5 || wire === 1) {
      at += wire === 5 ? 4 : 8;
      yield { number, value: 0, bytes: NONE };
    } else throw new RangeError(`wire type ${wire}`);
  }
}

/** The integers of a repeated field: one by one, or packed into one field. */
export function repeatedIntegers({ value, bytes }: ProtobufField): number[] {
  if (bytes === NONE) return [value];
  // Packed integers are varints without tags: each becomes a field once a tag stands before it.
  const tagged: number[] = [];
  let first = true;
  for (const byte of bytes) {
    if (first) tagged.push(8);
    tagged.push(byte);
    first = byte < 0x80;
  }
  return [...protobufFields(Uint8Array.from(tagged))].map((field) => field.value);
}

const utf8 = new TextDecoder();
export const protobufText = (bytes: Uint8Array): string => utf8.decode(bytes);
