import { type BoundJob, type Column, ShardmillError, storedIndexes } from '@shardmill/core';
import { type ColumnExtent, union, type ValueRange } from '../footers/column-extent.js';
import { mayOverflow, mayRound } from './common-type.js';
import type { Layout } from './merge-columns.js';

export interface ConversionCheck {
  readonly bound: Pick<BoundJob, 'used' | 'rounded'>;
  readonly columns: readonly Column[];
  readonly layouts: readonly Layout[];
  readonly files: readonly {
    readonly layout: number;
    readonly rows: number;
    readonly extents: ReadonlyMap<string, ColumnExtent>;
  }[];
}

/**
 * Holds what statistics say of the values against the conversions that the run makes of them: to the
 * type that all files share, and within expressions.
 * @returns warnings, of values that may be changed.
 * @throws INPUT_SCHEMA_MISMATCH where a conversion to the shared type is known to change a value.
 */
export function checkConversions(check: ConversionCheck): string[] {
  const { bound, columns, layouts } = check;
  const warnings: string[] = [];
  const stored = layouts.map((layout) => storedIndexes(layout.columns, columns));
  for (const { name, type } of columns) {
    if (!bound.used.includes(name)) continue;
    for (const [index, layout] of layouts.entries()) {
      const from = layout.columns[stored[index]?.get(name) ?? -1]?.type;
      if (layout.rows === 0 || from === undefined || from === type) continue;
      const warning = checkLayout(check, { name, from, to: type, index });
      if (warning !== undefined) warnings.push(warning);
    }
  }
  return [...warnings, ...warnOfExpressions(check)];
}

interface Conversion {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** Of the layout. */
  readonly index: number;
}

function checkLayout(
  check: ConversionCheck,
  { name, from, to, index }: Conversion,
): string | undefined {
  const limits = limitsOf(from, to);
  if (limits === undefined) return undefined;
  const { path } = check.layouts[index] ?? { path: '' };
  const range = rangeOf(check, name, (file) => file.layout === index);
  const what = `column "${name}" is ${from} in ${path} and becomes ${to}, as other files have it`;
  if (range !== undefined) {
    const outside = valueOutside(range, limits);
    if (outside === undefined) return undefined;
    throw new ShardmillError(
      'INPUT_SCHEMA_MISMATCH',
      `${what}, which does not hold all of its values: there is ${valueText(outside, from)}`,
      { where: path, remedy: 'Write the files with one type, or narrow input.uri to one.' },
    );
  }
  return mayRound(from, to)
    ? `${what}; values beyond 2^53 would be rounded, and two of them could become one`
    : undefined;
}

interface Limits {
  readonly min: bigint;
  readonly max: bigint;
}

/** Every integer up to there has a DOUBLE of its own. */
const DOUBLE_LIMIT = 2n ** 53n;
const FLOAT_LIMIT = 2n ** 24n;
/** Nanoseconds of 64 bits, in microseconds. */
const NANOSECOND_LIMITS: Limits = { min: -9_223_372_036_854_775n, max: 9_223_372_036_854_775n };

function limitsOf(from: string, to: string): Limits | undefined {
  if (mayRound(from, to)) return { min: -DOUBLE_LIMIT, max: DOUBLE_LIMIT };
  return mayOverflow(from, to) ? NANOSECOND_LIMITS : undefined;
}

/** What is known of a column in some of the files; undefined where some of them do not say. */
function rangeOf(
  { files }: Pick<ConversionCheck, 'files'>,
  name: string,
  include: (file: ConversionCheck['files'][number]) => boolean,
): ValueRange | 'none' | undefined {
  let range: ValueRange | undefined;
  for (const file of files) {
    if (!include(file) || file.rows === 0) continue;
    const extent = file.extents.get(name);
    if (extent?.allNull === true) continue;
    if (extent?.range === undefined) return undefined;
    range = union(range, extent.range);
  }
  return range ?? 'none';
}

function valueOutside(range: ValueRange | 'none', { min, max }: Limits): bigint | undefined {
  if (range === 'none') return undefined;
  if (range.max > max) return range.max;
  return range.min < min ? range.min : undefined;
}

function valueText(value: bigint, type: string): string {
  const scale = Number(/^DECIMAL\(\d+,(\d+)\)$/.exec(type)?.[1] ?? 0);
  if (type.startsWith('TIMESTAMP')) {
    const date = new Date(Number(value / 1000n));
    return Number.isNaN(date.getTime()) ? `${value} µs` : date.toISOString();
  }
  if (scale === 0) return String(value);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Integers that an expression takes as floating point numbers, where they may be too large for it. */
function warnOfExpressions({ bound, files }: ConversionCheck): string[] {
  return bound.rounded.flatMap(({ column, type, as, where, sql }) => {
    const limit = as === 'FLOAT' ? FLOAT_LIMIT : DOUBLE_LIMIT;
    const range = rangeOf({ files }, column, () => true);
    const outside =
      range === undefined ? undefined : valueOutside(range, { min: -limit, max: limit });
    if (range !== undefined && outside === undefined) return [];
    const exponent = as === 'FLOAT' ? 24 : 53;
    const seen =
      outside === undefined
        ? `if "${column}" has values beyond 2^${exponent}, they are rounded`
        : `"${column}" has values that are rounded, such as ${valueText(outside, type)}`;
    return [`${where}: "${sql}" takes "${column}" (${type}) as ${as}; ${seen}`];
  });
}
