/** The physical types of the format, by the number that a footer has for each. */
export const TYPES = {
  boolean: 0,
  int32: 1,
  int64: 2,
  int96: 3,
  float: 4,
  double: 5,
  byteArray: 6,
  fixed: 7,
} as const;
export type PhysicalType = keyof typeof TYPES;

/** The encodings of the format, by the number that a footer has for each. */
export const ENCODINGS = {
  plain: 0,
  plainDictionary: 2,
  rle: 3,
  bitPacked: 4,
  deltaBinaryPacked: 5,
  deltaLengthByteArray: 6,
  deltaByteArray: 7,
  rleDictionary: 8,
  byteStreamSplit: 9,
} as const;
export type Encoding = keyof typeof ENCODINGS;

/** Bytes for int96, byte arrays and fixed ones; text is written as UTF-8. */
export type Value = number | bigint | boolean | string | Uint8Array;

/** Values one after the other, as PLAIN has them. */
export function plain(type: PhysicalType, values: readonly Value[]): Buffer {
  if (type !== 'boolean') return Buffer.concat(values.map((value) => plainValue(type, value)));
  const bits = Buffer.alloc(Math.ceil(values.length / 8));
  for (const [i, value] of values.entries()) {
    if (value === true) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  }
  return bits;
}

function plainValue(type: Exclude<PhysicalType, 'boolean'>, value: Value): Buffer {
  switch (type) {
    case 'int32':
      return filled(4, (bytes) => bytes.writeInt32LE(Number(value)));
    case 'int64':
      return filled(8, (bytes) => bytes.writeBigInt64LE(integer(value)));
    case 'float':
      return filled(4, (bytes) => bytes.writeFloatLE(Number(value)));
    case 'double':
      return filled(8, (bytes) => bytes.writeDoubleLE(Number(value)));
    case 'byteArray': {
      const bytes = bytesOf(value);
      return Buffer.concat([filled(4, (length) => length.writeUInt32LE(bytes.length)), bytes]);
    }
    case 'int96':
    case 'fixed':
      return bytesOf(value);
    default: {
      const unknown: never = type;
      return unknown;
    }
  }
}

/** The bytes of PLAIN, first byte of every value first, then the second ones, and so on. */
export function byteStreamSplit(type: PhysicalType, values: readonly Value[]): Buffer {
  const bytes = plain(type, values);
  const width = values.length === 0 ? 0 : bytes.length / values.length;
  return Buffer.from(
    Array.from(bytes, (_, i) => {
      const [stream, value] = [Math.floor(i / values.length), i % values.length];
      return bytes[value * width + stream] ?? 0;
    }),
  );
}

/** Runs of equal values, as levels and dictionary indexes are; without a length before them. */
export function rleRuns(bitWidth: number, values: readonly number[]): Buffer {
  const width = Math.ceil(bitWidth / 8);
  const chunks: Buffer[] = [];
  for (let from = 0; from < values.length; ) {
    let to = from + 1;
    while (to < values.length && values[to] === values[from]) to++;
    chunks.push(run(to - from, values[from] ?? 0, width));
    from = to;
  }
  return Buffer.concat(chunks);
}

/** One run of any length. */
export function run(length: number, value: number, width: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(length) << 1n;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  for (let i = 0; i < width; i++) bytes.push((value >> (8 * i)) & 0xff);
  return Buffer.from(bytes);
}

/** Bits that hold numbers up to `max`. */
export const bitsFor = (max: number): number => 32 - Math.clz32(max);

/** Days of a proleptic date and nanoseconds of its day, as Impala, Hive and Spark wrote them. */
export function int96(days: number, nanoseconds: bigint): Buffer {
  return filled(12, (bytes) => {
    bytes.writeBigInt64LE(nanoseconds, 0);
    // Day 0 of the Julian day count is 2,440,588 days before 1970.
    bytes.writeInt32LE(days + 2_440_588, 8);
  });
}

/** Two's complement, the highest byte first, as decimals in byte arrays are. */
export function bigEndian(value: bigint, width: number): Buffer {
  return Buffer.from(
    BigInt.asUintN(width * 8, value)
      .toString(16)
      .padStart(width * 2, '0'),
    'hex',
  );
}

const filled = (size: number, fill: (bytes: Buffer) => unknown): Buffer => {
  const bytes = Buffer.alloc(size);
  fill(bytes);
  return bytes;
};

function integer(value: Value): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return BigInt(value);
  throw new TypeError(`not an integer: ${String(value)}`);
}

function bytesOf(value: Value): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  if (value instanceof Uint8Array) return Buffer.from(value);
  throw new TypeError(`not bytes: ${String(value)}`);
}
