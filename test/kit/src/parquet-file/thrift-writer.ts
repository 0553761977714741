/** A value of Thrift's compact protocol, with the type that it is written as. */
export type ThriftValue =
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'byte' | 'i16' | 'i32' | 'i64'; readonly value: number | bigint }
  | { readonly kind: 'binary'; readonly value: Uint8Array | string }
  | { readonly kind: 'list'; readonly values: readonly ThriftValue[] }
  | { readonly kind: 'struct'; readonly fields: ThriftFields };

/** Fields by their ids; those that are undefined are left out. */
export type ThriftFields = Readonly<Record<number, ThriftValue | undefined>>;

export const i32 = (value: number): ThriftValue => ({ kind: 'i32', value });
export const i64 = (value: number | bigint): ThriftValue => ({ kind: 'i64', value });
export const byte = (value: number): ThriftValue => ({ kind: 'byte', value });
export const bool = (value: boolean): ThriftValue => ({ kind: 'bool', value });
export const binary = (value: Uint8Array | string): ThriftValue => ({ kind: 'binary', value });
export const list = (values: readonly ThriftValue[]): ThriftValue => ({ kind: 'list', values });
export const struct = (fields: ThriftFields): ThriftValue => ({ kind: 'struct', fields });

/**
 * A struct in Thrift's compact protocol, as Parquet's footers and page headers are.
 * @see https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
export function encodeStruct(fields: ThriftFields): Buffer {
  const chunks: Uint8Array[] = [];
  let previous = 0;
  for (const id of Object.keys(fields).map(Number)) {
    const value = fields[id];
    if (value === undefined) continue;
    const delta = id - previous;
    if (delta > 0 && delta <= 15) chunks.push(Uint8Array.of((delta << 4) | typeOf(value)));
    else chunks.push(Uint8Array.of(typeOf(value)), varint(zigzag(id)));
    previous = id;
    if (value.kind !== 'bool') chunks.push(encode(value));
  }
  return Buffer.concat([...chunks, Uint8Array.of(0)]);
}

function encode(value: ThriftValue): Uint8Array {
  switch (value.kind) {
    case 'bool':
      return Uint8Array.of(value.value ? 1 : 2);
    case 'byte':
      return Uint8Array.of(Number(value.value) & 0xff);
    case 'i16':
    case 'i32':
    case 'i64':
      return varint(zigzag(value.value));
    case 'binary': {
      const bytes = Buffer.from(value.value);
      return Buffer.concat([varint(BigInt(bytes.length)), bytes]);
    }
    case 'list': {
      const { values } = value;
      const element = values[0] === undefined ? TYPES.struct : typeOf(values[0]);
      const header =
        values.length < 15
          ? Uint8Array.of((values.length << 4) | element)
          : Buffer.concat([Uint8Array.of(0xf0 | element), varint(BigInt(values.length))]);
      return Buffer.concat([header, ...values.map(encode)]);
    }
    case 'struct':
      return encodeStruct(value.fields);
    default: {
      const unknown: never = value;
      return unknown;
    }
  }
}

const TYPES = { byte: 3, i16: 4, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;

function typeOf(value: ThriftValue): number {
  if (value.kind === 'bool') return value.value ? 1 : 2;
  return TYPES[value.kind];
}

function zigzag(value: number | bigint): bigint {
  const big = BigInt(value);
  return BigInt.asUintN(64, big >= 0n ? big << 1n : (-big << 1n) - 1n);
}

/** An unsigned integer, seven bits a byte, the lowest first. */
export function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
