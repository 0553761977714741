import { formatType, NULL_TYPE, parseType, type StructField, type TypeTree } from '@shardmill/core';

/**
 * The type that holds the values of both, or undefined. Integers widen to an integer, decimals to a
 * decimal, timestamps to the finer unit; a floating point number with any other becomes DOUBLE,
 * which `mayRound` tells of. Lists, maps and structs of the same fields do so element by element.
 */
export function commonType(a: string, b: string): string | undefined {
  if (a === b) return a;
  const common = commonTree(parseType(a), parseType(b));
  return common === undefined ? undefined : formatType(common);
}

function commonTree(a: TypeTree, b: TypeTree): TypeTree | undefined {
  if (isNull(a)) return b;
  if (isNull(b)) return a;
  if (a.kind === 'scalar' && b.kind === 'scalar') {
    const name = commonScalar(a.name, b.name);
    return name === undefined ? undefined : { kind: 'scalar', name };
  }
  if (a.kind === 'list' && b.kind === 'list' && a.suffix === b.suffix) {
    const element = commonTree(a.element, b.element);
    return element === undefined ? undefined : { ...a, element };
  }
  if (a.kind === 'map' && b.kind === 'map') {
    const [key, value] = [commonTree(a.key, b.key), commonTree(a.value, b.value)];
    return key === undefined || value === undefined ? undefined : { kind: 'map', key, value };
  }
  return a.kind === 'struct' && b.kind === 'struct' ? commonStruct(a.fields, b.fields) : undefined;
}

const isNull = (type: TypeTree): boolean => type.kind === 'scalar' && type.name === NULL_TYPE;

/** Of the same fields in the same order: a field is never made up, dropped or moved. */
function commonStruct(a: readonly StructField[], b: readonly StructField[]): TypeTree | undefined {
  if (a.length !== b.length) return undefined;
  const fields: StructField[] = [];
  for (const [index, { name, type }] of a.entries()) {
    const other = b[index];
    const common = other?.name === name ? commonTree(type, other.type) : undefined;
    if (common === undefined) return undefined;
    fields.push({ name, type: common });
  }
  return { kind: 'struct', fields };
}

const SIGNED = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT'];
const UNSIGNED = ['UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT'];
/** From the coarsest unit to the finest. */
const TIMESTAMPS = ['TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP', 'TIMESTAMP_NS'];

function commonScalar(a: string, b: string): string | undefined {
  if (a === b) return a;
  const [integerA, integerB] = [isInteger(a), isInteger(b)];
  if (integerA && integerB) return commonInteger(a, b);
  const [decimalA, decimalB] = [decimalOf(a), decimalOf(b)];
  if (decimalA !== undefined && decimalB !== undefined) return commonDecimal(decimalA, decimalB);
  const isNumber = (integer: boolean, decimal: Decimal | undefined, type: string): boolean =>
    integer || decimal !== undefined || isFloat(type);
  if (
    (isFloat(a) || isFloat(b)) &&
    isNumber(integerA, decimalA, a) &&
    isNumber(integerB, decimalB, b)
  ) {
    return 'DOUBLE';
  }
  const [unitA, unitB] = [TIMESTAMPS.indexOf(a), TIMESTAMPS.indexOf(b)];
  return unitA >= 0 && unitB >= 0 ? TIMESTAMPS[Math.max(unitA, unitB)] : undefined;
}

function commonInteger(a: string, b: string): string | undefined {
  const unsigned = Math.max(UNSIGNED.indexOf(a), UNSIGNED.indexOf(b));
  const signed = Math.max(SIGNED.indexOf(a), SIGNED.indexOf(b));
  if (signed < 0) return UNSIGNED[unsigned];
  // A signed type holds an unsigned one of half its width.
  return SIGNED[Math.max(signed, unsigned + 1)];
}

interface Decimal {
  /** Digits before the point. */
  readonly whole: number;
  readonly scale: number;
}

const MAX_DECIMAL_DIGITS = 38;

function commonDecimal(a: Decimal, b: Decimal): string | undefined {
  const scale = Math.max(a.scale, b.scale);
  const digits = Math.max(a.whole, b.whole) + scale;
  return digits > MAX_DECIMAL_DIGITS ? undefined : `DECIMAL(${digits},${scale})`;
}

/** Digits of the largest value of each integer type. */
const INTEGER_DIGITS: ReadonlyMap<string, number> = new Map([
  ['TINYINT', 3],
  ['UTINYINT', 3],
  ['SMALLINT', 5],
  ['USMALLINT', 5],
  ['INTEGER', 10],
  ['UINTEGER', 10],
  ['BIGINT', 19],
  ['UBIGINT', 20],
]);

/** A decimal type, or an integer type as one. */
function decimalOf(type: string): Decimal | undefined {
  const [, digits, scale] = /^DECIMAL\((\d+),(\d+)\)$/.exec(type) ?? [];
  if (digits !== undefined) return { whole: Number(digits) - Number(scale), scale: Number(scale) };
  const whole = INTEGER_DIGITS.get(type);
  return whole === undefined ? undefined : { whole, scale: 0 };
}

/**
 * Whether a conversion may change a value: an integer of 64 bits or more, or a decimal of more than
 * 15 digits, as a floating point number.
 */
export function mayRound(from: string, to: string): boolean {
  return somePair(parseType(from), parseType(to), (a, b) => isFloat(b) && isWide(a));
}

/** Whether a value may lie outside of what the other type holds: nanoseconds reach to 1677 and 2262. */
export function mayOverflow(from: string, to: string): boolean {
  return somePair(
    parseType(from),
    parseType(to),
    (a, b) => b === 'TIMESTAMP_NS' && a !== b && TIMESTAMPS.includes(a),
  );
}

/** Digits that a DOUBLE keeps of every decimal number. */
const DOUBLE_DIGITS = 15;

function isWide(type: string): boolean {
  if (isFloat(type)) return false;
  const decimal = decimalOf(type);
  return decimal === undefined ? isInteger(type) : decimal.whole + decimal.scale > DOUBLE_DIGITS;
}

function somePair(a: TypeTree, b: TypeTree, test: (a: string, b: string) => boolean): boolean {
  if (a.kind === 'scalar') return b.kind === 'scalar' && test(a.name, b.name);
  if (a.kind === 'list') return b.kind === 'list' && somePair(a.element, b.element, test);
  if (a.kind === 'map') {
    return b.kind === 'map' && (somePair(a.key, b.key, test) || somePair(a.value, b.value, test));
  }
  return (
    b.kind === 'struct' &&
    a.fields.some(({ type }, index) => {
      const other = b.fields[index];
      return other !== undefined && somePair(type, other.type, test);
    })
  );
}

function isInteger(type: string): boolean {
  return SIGNED.includes(type) || UNSIGNED.includes(type);
}

function isFloat(type: string): boolean {
  return type === 'FLOAT' || type === 'DOUBLE';
}
