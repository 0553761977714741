import {
  foldName,
  NULL_TYPE,
  type PlannedPart,
  type PlannedShard,
  type Scoring,
  type Slice,
  sqlNameLookup,
  storedIndexes,
} from '@shardmill/core';
import { quoteName, quotePath, quoteText } from '../duckdb/quote.js';
import { rowOrigin } from './row-origin.js';
import { shieldFloats } from './shield-floats.js';
import { storedMeaning } from './stored-value.js';

/**
 * Names the key of a row within its part: file by file, in row order. No column of the input and no
 * output of the model has such a name in SQL (`sqlNames`).
 */
export const KEY = '_shardmill_key';

/** What the rows of a part follow from. */
export type ScannedInput = Pick<Scoring, 'input'> & {
  readonly output?: Pick<Scoring['output'], 'origin'>;
};

/**
 * The rows of a part as a FROM item named `input`: the planned slices in order, with one column
 * list, the partition values, a key that identifies each row, and `where` applied. Both scans of a part
 * (features, then output) use this same text, so that their rows can be joined by position; the
 * keys prove that they were. The columns have their names in SQL, by `sqlNames`; in the files they
 * are found by their positions, since DuckDB renames those whose names are the same to it.
 * @param pathOf the local path at which a planned file can be read.
 */
export function partSource(
  scoring: ScannedInput,
  shard: PlannedShard,
  part: PlannedPart,
  columns: readonly string[],
  pathOf: (uri: string) => string,
  options: {
    readonly condition?: string | null;
    /** A table that has the rows of its only slice, in place of the file. */
    readonly table?: string;
  } = {},
): string {
  const condition =
    (options.condition === undefined ? scoring.input.where : options.condition) ?? undefined;
  const filter = condition === undefined ? '' : ` WHERE (${condition}\n)`;
  const scans = groupSlices(scoring.input, shard, part.slices).map((group) =>
    scanOf(scoring, shard, group, columns, pathOf, condition, options.table),
  );
  const rows = scans.length === 0 ? noRows(scoring, columns) : scans.join(' UNION ALL ');
  return `(SELECT *${originItems(scoring, shard, part)} FROM (${rows}) AS input${filter}) AS input`;
}

function originItems(scoring: ScannedInput, shard: PlannedShard, part: PlannedPart): string {
  if (scoring.output?.origin !== true) return '';
  const { file, row } = rowOrigin(shard, part, quoteName(KEY));
  return `, ${file} AS _file, ${row} AS _row`;
}

/** Slices that one `read_parquet` can take: a range, or whole files with the same columns. */
interface SliceGroup {
  readonly firstIndex: number;
  readonly slices: readonly Slice[];
}

function groupSlices(
  { layouts }: Scoring['input'],
  shard: PlannedShard,
  slices: readonly Slice[],
): SliceGroup[] {
  const groups: { firstIndex: number; slices: Slice[] }[] = [];
  for (const [index, slice] of slices.entries()) {
    const last = groups.at(-1);
    const previous = last?.slices.at(-1);
    if (
      last !== undefined &&
      previous !== undefined &&
      isWhole(shard, slice) &&
      isWhole(shard, previous) &&
      shard.files[slice.file]?.layout === shard.files[previous.file]?.layout &&
      hasDistinctNames(layouts[shard.files[slice.file]?.layout ?? 0] ?? [])
    ) {
      last.slices.push(slice);
    } else {
      groups.push({ firstIndex: index, slices: [slice] });
    }
  }
  return groups;
}

/** Whether DuckDB finds the columns of one file in another of the same layout. */
function hasDistinctNames(layout: Layout): boolean {
  return new Set(layout.map(({ name }) => foldName(name))).size === layout.length;
}

function isWhole(shard: PlannedShard, slice: Slice): boolean {
  return slice.firstRow === 0 && slice.rows === shard.files[slice.file]?.rows;
}

function scanOf(
  scoring: ScannedInput,
  shard: PlannedShard,
  group: SliceGroup,
  columns: readonly string[],
  pathOf: (uri: string) => string,
  condition: string | undefined,
  table: string | undefined,
): string {
  const files = group.slices.flatMap((slice) => shard.files[slice.file] ?? []);
  const [slice] = group.slices;
  const layout = scoring.input.layouts[files[0]?.layout ?? 0] ?? [];
  const stored = storedIndexes(layout, scoring.input.columns);
  const types = typesOf(scoring);
  const sqlName = sqlNameLookup(scoring.input.columns, 'column');
  const items = columns.map((name) => {
    const type = types.get(name) ?? 'VARCHAR';
    const partition = scoring.input.partitionColumns.findIndex((column) => column.name === name);
    const value =
      partition >= 0
        ? partitionValue(
            files.map((file) => file.partition[partition] ?? null),
            type,
          )
        : storedValue(layout, stored.get(name), type);
    const shown = { name: sqlName(name), type };
    return `${shieldFloats(value, shown, condition)} AS ${quoteName(shown.name)}`;
  });
  // 40 bits hold the row number, the rest the slice: keys grow in the order of the rows.
  const key =
    files.length === 1
      ? `file_row_number + ${BigInt(group.firstIndex) << 40n}`
      : `file_row_number + ((file_index::BIGINT + ${group.firstIndex}) << 40)`;
  items.push(`(${key})::BIGINT AS ${quoteName(KEY)}`);
  const paths = files.map((file) => pathOf(file.uri));
  const from = table === undefined ? readFiles(paths, layout) : `${table} AS file`;
  const range =
    slice !== undefined && group.slices.length === 1 && !isWhole(shard, slice)
      ? ` WHERE file_row_number BETWEEN ${slice.firstRow} AND ${slice.firstRow + slice.rows - 1}`
      : '';
  return `SELECT ${items.join(', ')} FROM ${from}${range}`;
}

type Layout = Scoring['input']['layouts'][number];

/** Files of one layout, as a FROM item with the names of `positionName`. */
function readFiles(paths: readonly string[], layout: Layout): string {
  const positions = layout.map((_, index) => positionName(index)).join(', ');
  const list = paths.map(quotePath).join(', ');
  return `read_parquet([${list}], hive_partitioning = false, union_by_name = false) AS file(${positions})`;
}

/** What `partSource` takes of a file: the columns that are stored there, by the names that they have in `from`. */
export function scannedColumns(
  { input }: Pick<Scoring, 'input'>,
  file: Pick<PlannedShard['files'][number], 'uri' | 'layout'>,
  columns: readonly string[],
  pathOf: (uri: string) => string,
): { readonly stored: readonly string[]; readonly from: string } {
  const layout = input.layouts[file.layout] ?? [];
  const indexes = storedIndexes(layout, input.columns);
  const stored = new Set(columns.flatMap((name) => indexes.get(name) ?? []));
  return {
    stored: [...stored].map(positionName),
    from: readFiles([pathOf(file.uri)], layout),
  };
}

/** Name of a file's column that none of DuckDB's virtual columns (`file_row_number`, `file_index`) has. */
const positionName = (index: number): string => `c${index}`;

/** A file's own column, in the type that all files share; null where the file has no value of it. */
function storedValue(layout: Layout, index: number | undefined, type: string): string {
  const stored = index === undefined ? undefined : layout[index];
  if (index === undefined || stored === undefined || stored.type === NULL_TYPE) {
    return `NULL::${type}`;
  }
  const own = positionName(index);
  const column = stored.stored === undefined ? own : storedMeaning(own, stored.type, stored.stored);
  return stored.type === type ? column : `CAST(${column} AS ${type})`;
}

function typesOf({ input }: ScannedInput): ReadonlyMap<string, string> {
  return new Map(input.columns.map(({ name, type }) => [name, type]));
}

function partitionValue(values: readonly (string | null)[], type: string): string {
  const literal = (value: string | null): string => (value === null ? 'NULL' : quoteText(value));
  if (new Set(values).size <= 1) return `CAST(${literal(values[0] ?? null)} AS ${type})`;
  return `CAST([${values.map(literal).join(', ')}][file_index::BIGINT + 1] AS ${type})`;
}

function noRows(scoring: ScannedInput, columns: readonly string[]): string {
  const types = typesOf(scoring);
  const sqlName = sqlNameLookup(scoring.input.columns, 'column');
  const items = columns.map(
    (name) => `NULL::${types.get(name) ?? 'VARCHAR'} AS ${quoteName(sqlName(name))}`,
  );
  return `SELECT ${[...items, `0::BIGINT AS ${quoteName(KEY)}`].join(', ')} WHERE false`;
}
