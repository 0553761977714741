/** One field of a protobuf message, as far as ONNX needs it. */
export interface ProtobufField {
  readonly number: number;
  /** Of a varint field. */
  readonly value: number;
  /** Of a length-delimited field. */
  readonly bytes: Uint8Array;
  /** The whole field with its tag, to be copied as it is. */
  readonly raw: Uint8Array;
}

const NONE = new Uint8Array(0);

/** The fields of a protobuf message. @throws RangeError where the bytes are not one. */
export function* readFields(bytes: Uint8Array): Generator<ProtobufField> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('truncated');
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('varint too long');
  };
  while (at < bytes.length) {
    const start = at;
    const tag = varint();
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    let value = 0;
    let content: Uint8Array = NONE;
    if (wire === 0) value = varint();
    else if (wire === 2) {
      const length = varint();
      content = bytes.subarray(at, at + length);
      at += length;
    } else if (wire === 5) at += 4;
    else if (wire === 1) at += 8;
    else throw new RangeError(`wire type ${wire}`);
    if (at > bytes.length) throw new RangeError('truncated');
    yield { number, value, bytes: content, raw: bytes.subarray(start, at) };
  }
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

/** The values of a repeated int64 field, packed or not. */
export function repeatedInt64(field: ProtobufField): bigint[] {
  // Of a field that is not packed, the value is behind the tag, and there is one.
  const packed = field.bytes.length > 0;
  const bytes = packed ? field.bytes : field.raw.subarray(1);
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
