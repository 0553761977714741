import type { RawStatistics, StatisticsKind } from '@shardmill/core';

/**
 * Bounds of a column's values that are not null, in the units of a predicate's constants; a side
 * that is not known is undefined.
 */
export type Bounds =
  | { readonly kind: 'integer'; readonly min: Integer; readonly max: Integer }
  /** Values times 10^scale. */
  | {
      readonly kind: 'decimal';
      readonly scale: number;
      readonly min: Integer;
      readonly max: Integer;
    }
  /** Integers that are compared as doubles; no file's own bounds of floats, see `decodeBounds`. */
  | { readonly kind: 'float'; readonly min: Float; readonly max: Float }
  /** UTF-8; an inexact maximum may be a prefix of the true one. */
  | {
      readonly kind: 'text';
      readonly min: Uint8Array | undefined;
      readonly max: Uint8Array | undefined;
      readonly minExact: boolean;
      readonly maxExact: boolean;
    }
  | { readonly kind: 'bool'; readonly min: Float; readonly max: Float }
  /** Days since 1970. */
  | { readonly kind: 'date'; readonly min: Float; readonly max: Float }
  /** Microseconds since 1970; nanoseconds are rounded outward. */
  | {
      readonly kind: 'timestamp';
      /** An instant, of which the date depends on the session's time zone. */
      readonly zoned: boolean;
      readonly min: Integer;
      readonly max: Integer;
    };
type Integer = bigint | undefined;
type Float = number | undefined;

/**
 * Bounds from a column chunk's statistics. The deprecated `min` and `max` are taken only for types
 * of which every writer had the same order. Bounds that contradict themselves are none at all.
 * Those of floats are never taken. That NaN is not within them could be allowed for; but of a page
 * that begins with NaN some writers leave out all values (older versions of parquet-mr, parquet-go
 * and Impala), and nothing in the file tells.
 */
export function decodeBounds(kind: StatisticsKind, statistics: RawStatistics): Bounds | undefined {
  const current = statistics.min !== undefined || statistics.max !== undefined;
  if (!current && !hasOldOrder(kind)) return undefined;
  const min = current ? statistics.min : statistics.oldMin;
  const max = current ? statistics.max : statistics.oldMax;
  const bounds = decode(kind, min, max, statistics);
  if (bounds === undefined || (bounds.min === undefined && bounds.max === undefined)) {
    return undefined;
  }
  return isOrdered(bounds) ? bounds : undefined;
}

/** Signed order is what `min` and `max` meant wherever they were written for these. */
function hasOldOrder(kind: StatisticsKind): boolean {
  switch (kind.kind) {
    case 'integer':
      return kind.signed;
    case 'decimal':
      return kind.bytes !== 'any';
    case 'date':
    case 'timestamp':
      return true;
    case 'float':
    case 'bool':
    case 'text':
      return false;
    default: {
      const unknown: never = kind;
      return unknown;
    }
  }
}

type Bytes = Uint8Array | undefined;

function decode(
  kind: StatisticsKind,
  min: Bytes,
  max: Bytes,
  { minExact, maxExact }: RawStatistics,
): Bounds | undefined {
  switch (kind.kind) {
    case 'integer': {
      const read = (bytes: Bytes): Integer => littleEndian(bytes, kind.bytes, kind.signed);
      return { kind: 'integer', min: read(min), max: read(max) };
    }
    case 'decimal': {
      const read = (bytes: Bytes): Integer =>
        kind.bytes === 'any' ? bigEndian(bytes) : littleEndian(bytes, kind.bytes, true);
      return { kind: 'decimal', scale: kind.scale, min: read(min), max: read(max) };
    }
    case 'float':
      return undefined;
    case 'bool':
      return { kind: 'bool', min: min?.[0], max: max?.[0] };
    case 'text':
      return { kind: 'text', min, max, minExact: minExact === true, maxExact: maxExact === true };
    case 'date': {
      const read = (bytes: Bytes): Float => {
        const days = littleEndian(bytes, 4, true);
        return days === undefined ? undefined : Number(days);
      };
      return { kind: 'date', min: read(min), max: read(max) };
    }
    case 'timestamp': {
      const first = littleEndian(min, 8, true);
      const last = littleEndian(max, 8, true);
      return {
        kind: 'timestamp',
        zoned: kind.zoned,
        min: first === undefined ? undefined : toMicros(first, kind.unit, 'down'),
        max: last === undefined ? undefined : toMicros(last, kind.unit, 'up'),
      };
    }
    default: {
      const unknown: never = kind;
      return unknown;
    }
  }
}

function isOrdered(bounds: Bounds): boolean {
  const { min, max } = bounds;
  if (min === undefined || max === undefined) return true;
  if (min instanceof Uint8Array || max instanceof Uint8Array) {
    return min instanceof Uint8Array && max instanceof Uint8Array && Buffer.compare(min, max) <= 0;
  }
  return min <= max;
}

function littleEndian(bytes: Bytes, width: 4 | 8, signed: boolean): Integer {
  if (bytes?.length !== width) return undefined;
  const view = viewOf(bytes);
  if (width === 4) return BigInt(signed ? view.getInt32(0, true) : view.getUint32(0, true));
  return signed ? view.getBigInt64(0, true) : view.getBigUint64(0, true);
}

/** Two's complement of any width, as decimals in byte arrays are stored. */
function bigEndian(bytes: Bytes): Integer {
  if (bytes === undefined || bytes.length === 0 || bytes.length > 32) return undefined;
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(bytes.length * 8, value);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A microsecond more on either side of nanoseconds: a constant may have lost as much. */
function toMicros(
  value: bigint,
  unit: 'millis' | 'micros' | 'nanos',
  round: 'down' | 'up',
): bigint {
  if (unit === 'millis') return value * 1000n;
  if (unit === 'micros') return value;
  const floor = value >= 0n ? value / 1000n : -((-value + 999n) / 1000n);
  return round === 'down' ? floor - 1n : floor + 2n;
}
