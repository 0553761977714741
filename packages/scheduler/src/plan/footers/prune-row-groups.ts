import type { Predicate, PredicateValue } from '@shardmill/core';
import type { Bounds } from './row-group-statistics.js';

/** What is known of one column in one row group. */
export interface ColumnFacts {
  /** Undefined where it is not known. */
  readonly nulls: number | undefined;
  readonly bounds: Bounds | undefined;
}
/** Nothing is known. */
export const UNKNOWN: ColumnFacts = { nulls: undefined, bounds: undefined };

export interface RowGroupFacts {
  readonly rows: number;
  readonly column: (name: string) => ColumnFacts;
}

/**
 * Whether a row group may hold a row for which the predicate is true. It errs on one side only: a
 * row group with such a row is never ruled out.
 */
export function mayMatch(predicate: Predicate, facts: RowGroupFacts): boolean {
  switch (predicate.kind) {
    case 'and':
      return predicate.terms.every((term) => mayMatch(term, facts));
    case 'or':
      return predicate.terms.some((term) => mayMatch(term, facts));
    case 'compare': {
      const { nulls, bounds } = facts.column(predicate.column);
      if (nulls === facts.rows) return false;
      return bounds === undefined || mayCompare(predicate.op, bounds, predicate.value);
    }
    case 'is-null':
      return facts.column(predicate.column).nulls !== 0;
    case 'is-not-null':
      return facts.column(predicate.column).nulls !== facts.rows;
    case 'unknown':
      return true;
    default: {
      const unknown: never = predicate;
      return unknown;
    }
  }
}

/** The columns that a predicate names. */
export function predicateColumns(predicate: Predicate): string[] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return [...new Set(predicate.terms.flatMap(predicateColumns))];
    case 'compare':
    case 'is-null':
    case 'is-not-null':
      return [predicate.column];
    case 'unknown':
      return [];
    default: {
      const unknown: never = predicate;
      return unknown;
    }
  }
}

type Operator = Extract<Predicate, { kind: 'compare' }>['op'];

function mayCompare(op: Operator, bounds: Bounds, value: PredicateValue): boolean {
  if (bounds.kind === 'text') {
    return value.type !== 'text' || mayCompareText(op, bounds, Buffer.from(value.value));
  }
  const constant = constantFor(bounds, value);
  if (constant === undefined) return true;
  // NaN is never within bounds, yet DuckDB holds it greater than every number.
  const nan = bounds.kind === 'float';
  const { min, max } = bounds;
  const { low, high } = constant;
  switch (op) {
    case '=':
      return !(min !== undefined && min > high) && !(max !== undefined && max < low);
    case '!=':
      return nan || low !== high || min === undefined || min !== max || !equal(min, low);
    case '<':
      return min === undefined || min < high;
    case '<=':
      return min === undefined || min <= high;
    case '>':
      return nan || max === undefined || max > low;
    case '>=':
      return nan || max === undefined || max >= low;
    default: {
      const unknown: never = op;
      return unknown;
    }
  }
}

/** JavaScript compares bigint and number by value, without loss. */
function equal(a: number | bigint, b: number | bigint): boolean {
  return !(a < b) && !(a > b);
}

type NumericBounds = Exclude<Bounds, { kind: 'text' }>;

/**
 * A constant in the units of a column, as the range in which it may lie: DuckDB compares some pairs
 * of types after a conversion that rounds, and a number may stand for a decimal literal that it
 * only approximates.
 */
interface Constant {
  readonly low: number | bigint;
  readonly high: number | bigint;
}

function constantFor(bounds: NumericBounds, value: PredicateValue): Constant | undefined {
  switch (bounds.kind) {
    case 'integer':
      if (value.type === 'integer') return exactly(value.value);
      return value.type === 'number' ? around(value.value) : undefined;
    case 'decimal': {
      if (bounds.scale < 0) return undefined;
      if (value.type === 'integer') return exactly(value.value * 10n ** BigInt(bounds.scale));
      return value.type === 'number' ? around(value.value * 10 ** bounds.scale) : undefined;
    }
    case 'float': {
      if (value.type !== 'integer' && value.type !== 'number') return undefined;
      return value.type === 'number' ? around(value.value) : aroundInteger(value.value);
    }
    case 'bool':
      return value.type === 'bool' ? exactly(value.value ? 1 : 0) : undefined;
    case 'date':
      if (value.type === 'date') return exactly(value.days);
      // Midnight of the day is compared: days are scaled down, which keeps the order.
      return value.type === 'timestamp' ? daysAround(value.micros) : undefined;
    case 'timestamp':
      if (value.type === 'timestamp') return exactly(value.micros);
      return value.type === 'date' && !bounds.zoned
        ? exactly(BigInt(value.days) * MICROS_PER_DAY)
        : undefined;
    default: {
      const unknown: never = bounds;
      return unknown;
    }
  }
}

const MICROS_PER_DAY = 86_400_000_000n;

function exactly(value: number | bigint): Constant {
  return { low: value, high: value };
}

/** A number and a few of its neighbours on either side. */
function around(value: number): Constant | undefined {
  if (Number.isNaN(value)) return undefined;
  if (!Number.isFinite(value))
    return { low: Math.min(value, 1e308), high: Math.max(value, -1e308) };
  const slack = Math.abs(value) * 2 ** -50;
  return { low: value - slack, high: value + slack };
}

function aroundInteger(value: bigint): Constant | undefined {
  const number = Number(value);
  return Number.isSafeInteger(number) ? exactly(number) : around(number);
}

function daysAround(micros: bigint): Constant {
  const floor = micros / MICROS_PER_DAY - (micros % MICROS_PER_DAY < 0n ? 1n : 0n);
  return { low: floor, high: micros % MICROS_PER_DAY === 0n ? floor : floor + 1n };
}

function mayCompareText(
  op: Operator,
  bounds: Extract<Bounds, { kind: 'text' }>,
  value: Buffer,
): boolean {
  const { min, max } = bounds;
  const overMin = min === undefined ? 1 : Buffer.compare(value, min);
  // A writer may have cut the maximum: what begins with it could still be below the true one.
  const cut = max !== undefined && !bounds.maxExact && value.subarray(0, max.length).equals(max);
  const overMax = max === undefined || cut ? -1 : Buffer.compare(value, max);
  switch (op) {
    case '=':
      return overMin >= 0 && overMax <= 0;
    case '!=':
      return !(bounds.minExact && bounds.maxExact && overMin === 0 && overMax === 0);
    case '<':
      return overMin > 0;
    case '<=':
      return overMin >= 0;
    case '>':
      return overMax < 0;
    case '>=':
      return overMax <= 0;
    default: {
      const unknown: never = op;
      return unknown;
    }
  }
}
