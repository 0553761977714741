import {
  type Column,
  type FileColumn,
  type FooterRowGroup,
  type Leaf,
  NameIndex,
  type ParquetSchema,
  type RawStatistics,
  storedIndexes,
} from '@shardmill/core';
import { mayBeJulian } from './julian-bounds.js';
import { type ColumnFacts, type RowGroupFacts, UNKNOWN } from './prune-row-groups.js';
import { type Bounds, decodeBounds } from './row-group-statistics.js';

/** Where facts about a column come from, for all files of one schema. */
export type ColumnSource =
  | { readonly kind: 'partition'; readonly index: number; readonly type: string }
  /** The files lack it: every value is null. */
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'statistics';
      readonly index: number;
      readonly leaf: Leaf;
      readonly type: string;
      /** The values are not as they are stored before the Gregorian calendar. */
      readonly julian: boolean;
    }
  | { readonly kind: 'unknown' };

export interface SchemaColumns {
  /** Names and types that expressions see, partition columns included. */
  readonly canonical: readonly Column[];
  /** The files' own columns. */
  readonly layout: readonly FileColumn[];
  readonly partitionColumns: readonly Column[];
}

/** The source of each named column, by that name. */
export function columnSources(
  names: readonly string[],
  schema: ParquetSchema,
  columns: SchemaColumns,
): ReadonlyMap<string, ColumnSource> {
  const index = new NameIndex(columns.canonical);
  const stored = storedIndexes(columns.layout, columns.canonical);
  return new Map(
    names.map((name) => {
      const [column] = index.find(name);
      if (column === undefined) return [name, { kind: 'unknown' }];
      const partition = columns.partitionColumns.findIndex((own) => own.name === column.name);
      if (partition >= 0) return [name, { kind: 'partition', index: partition, type: column.type }];
      const at = stored.get(column.name);
      const own = at === undefined ? undefined : columns.layout[at];
      return [name, own === undefined ? ABSENT : storedSource(own, column, schema)];
    }),
  );
}

const ABSENT: ColumnSource = { kind: 'absent' };

/** The statistics of a column are ambiguous in a file in which names differ only in case. */
function storedSource(stored: FileColumn, { type }: Column, schema: ParquetSchema): ColumnSource {
  const folded = stored.name.toLowerCase();
  const index = schema.leaves.findIndex((leaf) => leaf.column === folded);
  const leaf = schema.leaves[index];
  if (schema.ambiguous || leaf?.kind === undefined) return { kind: 'unknown' };
  return { kind: 'statistics', index, leaf, type, julian: stored.stored === 'julian' };
}

/** Facts about one row group, from its statistics and from the file's partition values. */
export function rowGroupFacts(
  rowGroup: FooterRowGroup,
  sources: ReadonlyMap<string, ColumnSource>,
  partition: readonly (string | null)[],
): RowGroupFacts {
  return {
    rows: rowGroup.rows,
    column: (name) => {
      const source = sources.get(name) ?? { kind: 'unknown' };
      switch (source.kind) {
        case 'partition':
          return partitionFacts(source.type, partition[source.index] ?? null, rowGroup.rows);
        case 'absent':
          return { nulls: rowGroup.rows, bounds: undefined };
        case 'statistics':
          return statisticsFacts(rowGroup.statistics.get(source.index), source);
        case 'unknown':
          return UNKNOWN;
        default: {
          const unknown: never = source;
          return unknown;
        }
      }
    },
  };
}

/** Rows of a row group in which the column is null; undefined where that is not known. */
export function nullsIn(
  { rows, statistics }: FooterRowGroup,
  source: ColumnSource | undefined,
  partition: readonly (string | null)[],
): number | undefined {
  switch (source?.kind) {
    case 'partition':
      return (partition[source.index] ?? null) === null ? rows : 0;
    case 'absent':
      return rows;
    case 'statistics':
      return source.leaf.required ? 0 : statistics.get(source.index)?.nulls;
    case 'unknown':
    case undefined:
      return undefined;
    default: {
      const unknown: never = source;
      return unknown;
    }
  }
}

function statisticsFacts(
  statistics: RawStatistics | undefined,
  { leaf: { kind, required }, type, julian }: Extract<ColumnSource, { kind: 'statistics' }>,
): ColumnFacts {
  const nulls = required ? 0 : statistics?.nulls;
  if (statistics === undefined || kind === undefined) return { nulls, bounds: undefined };
  const bounds = decodeBounds(kind, statistics);
  if (bounds === undefined || (julian && mayBeJulian(bounds))) return { nulls, bounds: undefined };
  return { nulls, bounds: asCanonical(bounds, type) };
}

/**
 * Bounds as the values are after conversion to the type that all files share. Rounding keeps the
 * order, so that rounded bounds bound the rounded values.
 */
function asCanonical(bounds: Bounds, type: string): Bounds | undefined {
  if (bounds.kind === 'integer' && type === 'DOUBLE') {
    const { min, max } = bounds;
    return {
      kind: 'float',
      min: min === undefined ? undefined : Number(min),
      max: max === undefined ? undefined : Number(max),
    };
  }
  return isNatural(bounds, type) ? bounds : undefined;
}

/** Whether DuckDB compares values of this type as the bounds are compared. */
function isNatural(bounds: Bounds, type: string): boolean {
  switch (bounds.kind) {
    case 'integer':
      return /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/.test(type);
    case 'decimal':
      return type.startsWith('DECIMAL');
    case 'float':
      return type === 'FLOAT' || type === 'DOUBLE';
    case 'text':
      return type === 'VARCHAR';
    case 'bool':
      return type === 'BOOLEAN';
    case 'date':
      return type === 'DATE';
    case 'timestamp':
      return type.startsWith('TIMESTAMP');
    default: {
      const unknown: never = bounds;
      return unknown;
    }
  }
}

function partitionFacts(type: string, value: string | null, rows: number): ColumnFacts {
  if (value === null) return { nulls: rows, bounds: undefined };
  return { nulls: 0, bounds: partitionBounds(type, value) };
}

function partitionBounds(type: string, value: string): Bounds | undefined {
  if (type === 'BIGINT') {
    const integer = BigInt(value);
    return { kind: 'integer', min: integer, max: integer };
  }
  if (type === 'DATE') {
    const days = Date.parse(`${value}T00:00:00Z`) / 86_400_000;
    return { kind: 'date', min: days, max: days };
  }
  // The other types that the columns of a table may have are not compared as texts.
  if (type !== 'VARCHAR') return undefined;
  const bytes = Buffer.from(value);
  return { kind: 'text', min: bytes, max: bytes, minExact: true, maxExact: true };
}
