import {
  type Column,
  type Footer,
  footerParser,
  type Leaf,
  type Manifest,
  type ObjectStore,
  type RawStatistics,
  readFooter,
  ShardmillError,
  unreachable,
} from '@shardmill/core';
import { type Bounds, decodeBounds } from '../../plan/footers/row-group-statistics.js';

/** Columns that have statistics, from the first on, as in other writers by default. */
const MAX_COLUMNS = 32;
/** Bytes of a text that is a bound; longer ones are left out. */
const MAX_TEXT_BYTES = 256;

type Part = Manifest['parts'][number];

/**
 * Reads the footers of parts for the statistics that a table has of its files: null counts and
 * bounds of plain columns. Bounds of floats are taken where no value of the run is NaN, which a
 * Parquet file leaves out of them.
 * @throws OUTPUT_CONFLICT where a part is not what its record says
 */
export function partStatistics(
  store: ObjectStore,
  columns: readonly Column[],
  statistics: Manifest['statistics'],
): (part: Part) => Promise<string> {
  const plain = columns
    .slice(0, MAX_COLUMNS)
    .filter(({ type }) => !/[[(]/.test(type) || type.startsWith('DECIMAL('));
  const parse = footerParser({ used: [], predicate: plain.map(({ name }) => name) });
  return async (part) => {
    const uri = store.locate(part.key);
    const file = { uri, bytes: part.bytes, etag: '' };
    let footer: Footer;
    try {
      const read = (_: unknown, start: number, end: number): Promise<Uint8Array> =>
        store.readRange(part.key, start, end);
      footer = await readFooter(read, file, parse);
    } catch (error) {
      if (!(error instanceof ShardmillError) || error.code !== 'INPUT_NOT_PARQUET') throw error;
      throw new ShardmillError('OUTPUT_CONFLICT', `the part is damaged: ${error.message}`, {
        where: uri,
      });
    }
    if (footer.rows !== part.rows.scored) {
      throw new ShardmillError(
        'OUTPUT_CONFLICT',
        `the part has ${footer.rows} rows, its shard record says ${part.rows.scored}`,
        { where: uri },
      );
    }
    return statisticsOf(footer, plain, (name) => statistics[name]?.nan === 0);
  };
}

/** @param hasNoNan whether no value of a column is NaN. */
function statisticsOf(
  footer: Footer,
  columns: readonly Column[],
  hasNoNan: (name: string) => boolean,
): string {
  const [mins, maxes, nulls]: [string[], string[], string[]] = [[], [], []];
  for (const { name } of columns) {
    const index = footer.schema.leaves.findIndex(({ column }) => column === name.toLowerCase());
    const leaf = footer.schema.leaves[index];
    if (leaf === undefined || footer.schema.ambiguous) continue;
    const groups = footer.rowGroups
      .filter(({ rows }) => rows > 0)
      .map((group) => group.statistics.get(index));
    const key = JSON.stringify(name);
    const count = sumOfNulls(groups);
    if (count !== undefined) nulls.push(`${key}:${count}`);
    const bounds = boundsOf(groups, leaf, hasNoNan(name));
    if (bounds?.min !== undefined) mins.push(`${key}:${bounds.min}`);
    if (bounds?.max !== undefined) maxes.push(`${key}:${bounds.max}`);
  }
  const object = (items: readonly string[]): string => `{${items.join(',')}}`;
  return `{"numRecords":${footer.rows},"minValues":${object(mins)},"maxValues":${object(maxes)},"nullCount":${object(nulls)}}`;
}

type Group = RawStatistics | undefined;

function sumOfNulls(groups: readonly Group[]): number | undefined {
  let sum = 0;
  for (const group of groups) {
    if (group?.nulls === undefined) return undefined;
    sum += group.nulls;
  }
  return sum;
}

/** Both as texts of JSON. */
interface JsonBounds {
  readonly min: string | undefined;
  readonly max: string | undefined;
}

function boundsOf(
  groups: readonly Group[],
  { kind }: Leaf,
  noNan: boolean,
): JsonBounds | undefined {
  // A row group without a value has no bounds, and needs none.
  const filled = groups.filter(
    (group) => group !== undefined && (group.min ?? group.max) !== undefined,
  );
  if (kind === undefined || filled.length === 0 || filled.length < groups.length) return undefined;
  if (kind.kind === 'float') return noNan ? floatBounds(filled) : undefined;
  const all = filled.flatMap((group) => (group === undefined ? [] : [decodeBounds(kind, group)]));
  const known = all.filter((bounds) => bounds !== undefined);
  return known.length < all.length ? undefined : combine(known);
}

function floatBounds(groups: readonly Group[]): JsonBounds | undefined {
  const values = (side: 'min' | 'max'): number[] =>
    groups.map((group) => {
      const bytes = group?.[side];
      if (bytes?.length !== 4 && bytes?.length !== 8) return Number.NaN;
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      return bytes.length === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
    });
  const text = (value: number): string | undefined =>
    Number.isFinite(value) ? JSON.stringify(value) : undefined;
  return { min: text(Math.min(...values('min'))), max: text(Math.max(...values('max'))) };
}

function combine(all: readonly Bounds[]): JsonBounds | undefined {
  const [first] = all;
  switch (first?.kind) {
    case 'integer':
      return { min: String(least(all)), max: String(greatest(all)) };
    case 'decimal':
      return { min: decimal(least(all), first.scale), max: decimal(greatest(all), first.scale) };
    case 'date':
      return { min: day(least(all)), max: day(greatest(all)) };
    case 'timestamp':
      return {
        min: time(least(all), first.zoned, 'down'),
        max: time(greatest(all), first.zoned, 'up'),
      };
    case 'text':
      return textBounds(all);
    case 'bool':
    case 'float':
    case undefined:
      return undefined;
    default:
      return unreachable(first, 'bounds');
  }
}

type Value = bigint | number | undefined;

const sideOf = (bounds: Bounds, side: 'min' | 'max'): Value => {
  const value = bounds[side];
  return value instanceof Uint8Array ? undefined : value;
};

function least(all: readonly Bounds[]): Value {
  const values = all.map((bounds) => sideOf(bounds, 'min'));
  return values.reduce((a, b) => (a === undefined || b === undefined ? undefined : b < a ? b : a));
}

function greatest(all: readonly Bounds[]): Value {
  const values = all.map((bounds) => sideOf(bounds, 'max'));
  return values.reduce((a, b) => (a === undefined || b === undefined ? undefined : b > a ? b : a));
}

function decimal(value: Value, scale: number): string | undefined {
  if (value === undefined) return undefined;
  const digits = String(value)
    .replace('-', '')
    .padStart(scale + 1, '0');
  const sign = value < 0 ? '-' : '';
  const whole = digits.slice(0, digits.length - scale);
  return scale === 0 ? `${sign}${whole}` : `${sign}${whole}.${digits.slice(-scale)}`;
}

const MS_PER_DAY = 86_400_000;

function day(value: Value): string | undefined {
  const text = value === undefined ? undefined : iso(Number(value) * MS_PER_DAY);
  return text === undefined ? undefined : JSON.stringify(text.slice(0, 10));
}

/** In whole milliseconds, as other writers have them. */
function time(value: Value, zoned: boolean, round: 'down' | 'up'): string | undefined {
  if (value === undefined) return undefined;
  const ms = Number(value) / 1000;
  const text = iso(round === 'down' ? Math.floor(ms) : Math.ceil(ms));
  return text === undefined ? undefined : JSON.stringify(zoned ? text : text.slice(0, -1));
}

/** Of the years 0 to 9999, which have one form everywhere. */
function iso(ms: number): string | undefined {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return undefined;
  const text = date.toISOString();
  return text.length === 24 ? text : undefined;
}

/** Only whole texts: of one that was cut, readers would have to know how. */
function textBounds(all: readonly Bounds[]): JsonBounds | undefined {
  let [min, max]: [Uint8Array | undefined, Uint8Array | undefined] = [undefined, undefined];
  for (const bounds of all) {
    if (bounds.kind !== 'text' || bounds.min === undefined || bounds.max === undefined)
      return undefined;
    if (!bounds.minExact || !bounds.maxExact) return undefined;
    if (min === undefined || Buffer.compare(bounds.min, min) < 0) min = bounds.min;
    if (max === undefined || Buffer.compare(bounds.max, max) > 0) max = bounds.max;
  }
  return { min: textOf(min), max: textOf(max) };
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined || bytes.length > MAX_TEXT_BYTES) return undefined;
  try {
    return JSON.stringify(decoder.decode(bytes));
  } catch {
    return undefined;
  }
}
