/** One field of a protobuf message, as far as ONNX needs it. */
export class ProtobufField {
  /**
   * @param value of a varint field, as a signed integer of 64 bits; exact up to 2^53. Of others 0.
   * @param bytes of a length-delimited field; `NONE` for others.
   */
  constructor(
    readonly number: number,
    readonly value: number,
    readonly bytes: Uint8Array,
    private readonly message: Uint8Array,
    private readonly start: number,
    private readonly end: number,
  ) {}

  /** The whole field with its tag, to be copied as it is. */
  get raw(): Uint8Array {
    return this.message.subarray(this.start, this.end);
  }
}

const NONE = new Uint8Array(0);

/** The fields of a protobuf message. @throws RangeError where the bytes are not one. */
export function* readFields(bytes: Uint8Array): Generator<ProtobufField> {
  const reader = new VarintReader(bytes);
  while (reader.at < bytes.length) {
    const start = reader.at;
    const tag = reader.next();
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    let value = 0;
    let content: Uint8Array = NONE;
    if (wire === 0) value = reader.next();
    else if (wire === 2) {
      const length = reader.next();
      const { at } = reader;
      if (length < 0 || at + length > bytes.length) throw new RangeError('truncated');
      content = bytes.subarray(at, at + length);
      reader.at += length;
    } else if (wire === 5) reader.at += 4;
    else if (wire === 1) reader.at += 8;
    else throw new RangeError(`wire type ${wire}`);
    if (reader.at > bytes.length) throw new RangeError('truncated');
    yield new ProtobufField(number, value, content, bytes, start, reader.at);
  }
}

/** Reads one varint after another. */
class VarintReader {
  at = 0;

  constructor(readonly bytes: Uint8Array) {}

  /** A signed integer of 64 bits; beyond 2^53 as exactly as a double is. @throws RangeError */
  next(): number {
    let value = 0;
    // Bits that are not set, for a negative number, which is written with all of its 64 bits.
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

/** Adds the integers of a repeated field to a list: the one of this field, or those packed in it. */
export function pushIntegers({ value, bytes }: ProtobufField, into: number[]): void {
  if (bytes === NONE) {
    into.push(value);
    return;
  }
  const reader = new VarintReader(bytes);
  while (reader.at < bytes.length) into.push(reader.next());
}

/** A length-delimited field: a nested message of these pieces, a text, or bytes. */
export function lengthDelimited(
  number: number,
  content: string | readonly Uint8Array[],
): Uint8Array {
  const pieces = typeof content === 'string' ? [new TextEncoder().encode(content)] : content;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return joinBytes([encodeVarint(number * 8 + 2), encodeVarint(length), ...pieces]);
}

export function varintField(number: number, value: number): Uint8Array {
  return joinBytes([encodeVarint(number * 8), encodeVarint(value)]);
}

export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.of(...bytes, rest);
}

const utf8 = new TextDecoder();
export const fieldText = (bytes: Uint8Array): string => utf8.decode(bytes);

/** The values of a repeated int64 field, packed or not, each of them exact. */
export function repeatedInt64(field: ProtobufField): bigint[] {
  // A field that is not packed has one value, behind the tag.
  const bytes = field.bytes === NONE ? field.raw.subarray(1) : field.bytes;
  const values: bigint[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte >= 0x80) continue;
    values.push(BigInt.asIntN(64, value));
    [value, shift] = [0n, 0n];
  }
  return values;
}
