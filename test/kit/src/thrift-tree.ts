/**
 * Thrift's compact protocol as a tree that can be changed and written again, for tests that change
 * a Parquet footer.
 * @see https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
type ThriftValue = boolean | bigint | Uint8Array | ThriftList | ThriftStruct;

interface ThriftList {
  /** The type of the elements. */
  readonly type: number;
  readonly items: ThriftValue[];
}

/** Fields by their id, in order. */
export type ThriftStruct = Map<number, ThriftField>;

export interface ThriftField {
  readonly type: number;
  readonly value: ThriftValue;
}

const [TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE] = [1, 2, 3, 4, 5, 6, 7];
const [BINARY, LIST, SET, STRUCT] = [8, 9, 10, 12];

export const binaryField = (value: Uint8Array): ThriftField => ({ type: BINARY, value });
export const boolField = (value: boolean): ThriftField => ({ type: TRUE, value });

/** @throws RangeError where the bytes are no struct. */
export function readStruct(bytes: Uint8Array): ThriftStruct {
  return new Reader(Buffer.from(bytes)).struct();
}

export function writeStruct(struct: ThriftStruct): Buffer {
  const bytes: number[] = [];
  putStruct(bytes, struct);
  return Buffer.from(bytes);
}

/** The struct at a field; an empty one where there is none. */
export function structAt(struct: ThriftStruct, id: number): ThriftStruct {
  const value = struct.get(id)?.value;
  return value instanceof Map ? value : new Map<number, ThriftField>();
}

/** The structs of a list at a field. */
export function structsAt(struct: ThriftStruct, id: number): ThriftStruct[] {
  const value = struct.get(id)?.value;
  if (typeof value !== 'object' || !('items' in value)) return [];
  return value.items.filter((item) => item instanceof Map);
}

class Reader {
  #at = 0;

  constructor(readonly bytes: Buffer) {}

  struct(): ThriftStruct {
    const fields: ThriftStruct = new Map();
    for (let id = 0; ; ) {
      const header = this.#byte();
      if (header === 0) return fields;
      const type = header & 15;
      id = header >> 4 === 0 ? Number(this.#zigzag()) : id + (header >> 4);
      fields.set(id, { type, value: this.#value(type) });
    }
  }

  #value(type: number): ThriftValue {
    switch (type) {
      case TRUE:
      case FALSE:
        return type === TRUE;
      case BYTE:
        return BigInt(this.#byte());
      case I16:
      case I32:
      case I64:
        return this.#zigzag();
      case DOUBLE:
        return this.#take(8);
      case BINARY:
        return this.#take(Number(this.#varint()));
      case LIST:
      case SET: {
        const header = this.#byte();
        const length = header >> 4 === 15 ? Number(this.#varint()) : header >> 4;
        const element = header & 15;
        const bool = element === TRUE || element === FALSE;
        const item = (): ThriftValue => (bool ? this.#byte() === TRUE : this.#value(element));
        return { type: element, items: Array.from({ length }, item) };
      }
      case STRUCT:
        return this.struct();
      default:
        throw new RangeError(`${type} is not a type that a footer has`);
    }
  }

  #zigzag(): bigint {
    const value = this.#varint();
    return value % 2n === 0n ? value / 2n : -(value + 1n) / 2n;
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  #byte(): number {
    return this.#take(1)[0] ?? 0;
  }

  #take(length: number): Buffer {
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.bytes.length) throw new RangeError('the struct ends early');
    return this.bytes.subarray(from, this.#at);
  }
}

function putStruct(bytes: number[], struct: ThriftStruct): void {
  let previous = 0;
  for (const [id, { type, value }] of [...struct].toSorted(([a], [b]) => a - b)) {
    const kind = typeof value === 'boolean' ? (value ? TRUE : FALSE) : type;
    const delta = id - previous;
    bytes.push((delta <= 15 ? delta << 4 : 0) | kind);
    if (delta > 15) putVarint(bytes, BigInt(id) * 2n);
    if (typeof value !== 'boolean') putValue(bytes, type, value);
    previous = id;
  }
  bytes.push(0);
}

function putValue(bytes: number[], type: number, value: ThriftValue): void {
  if (typeof value === 'boolean') bytes.push(value ? TRUE : FALSE);
  else if (typeof value === 'bigint') {
    if (type === BYTE) bytes.push(Number(value));
    else putVarint(bytes, value >= 0n ? value * 2n : -value * 2n - 1n);
  } else if (value instanceof Uint8Array) {
    if (type === BINARY) putVarint(bytes, BigInt(value.length));
    bytes.push(...value);
  } else if (value instanceof Map) putStruct(bytes, value);
  else {
    const { length } = value.items;
    bytes.push((Math.min(length, 15) << 4) | value.type);
    if (length >= 15) putVarint(bytes, BigInt(length));
    for (const item of value.items) putValue(bytes, value.type, item);
  }
}

function putVarint(bytes: number[], value: bigint): void {
  for (; value >= 128n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
  bytes.push(Number(value));
}
