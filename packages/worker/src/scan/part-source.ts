import type { PlannedPart, PlannedShard, Scoring, Slice } from '@shardmill/core';
import { quoteName, quotePath, quoteText } from '../sql/quote.js';
import { storedMeaning } from './stored-value.js';

/** Names the key of a row within its part: file by file, in row order. */
export const KEY = '_shardmill_key';

/**
 * The rows of a part as a FROM item named `input`: the planned slices in order, with one column
 * list, the partition values, a key that tells each row, and `where` applied. Both scans of a part
 * (features, then output) use this same text, so that their rows can be joined by position; the
 * keys prove that they were.
 * @param pathOf the local path at which a planned file can be read.
 */
export function partSource(
  scoring: Scoring,
  shard: PlannedShard,
  part: PlannedPart,
  columns: readonly string[],
  pathOf: (uri: string) => string,
  options: { readonly condition?: string | null } = {},
): string {
  const condition = options.condition === undefined ? scoring.input.where : options.condition;
  const filter = condition === null ? '' : ` WHERE (${condition}\n)`;
  const scans = groupSlices(shard, part.slices).map((group) =>
    scanOf(scoring, shard, group, columns, pathOf),
  );
  const rows = scans.length === 0 ? noRows(scoring, columns) : scans.join(' UNION ALL ');
  return `(SELECT * FROM (${rows}) AS input${filter}) AS input`;
}

/** Slices that one `read_parquet` can take: a range, or whole files with the same columns. */
interface SliceGroup {
  readonly firstIndex: number;
  readonly slices: readonly Slice[];
}

function groupSlices(shard: PlannedShard, slices: readonly Slice[]): SliceGroup[] {
  const groups: { firstIndex: number; slices: Slice[] }[] = [];
  for (const [index, slice] of slices.entries()) {
    const last = groups.at(-1);
    const previous = last?.slices.at(-1);
    if (
      last !== undefined &&
      previous !== undefined &&
      isWhole(shard, slice) &&
      isWhole(shard, previous) &&
      shard.files[slice.file]?.layout === shard.files[previous.file]?.layout
    ) {
      last.slices.push(slice);
    } else {
      groups.push({ firstIndex: index, slices: [slice] });
    }
  }
  return groups;
}

function isWhole(shard: PlannedShard, slice: Slice): boolean {
  return slice.firstRow === 0 && slice.rows === shard.files[slice.file]?.rows;
}

function scanOf(
  scoring: Scoring,
  shard: PlannedShard,
  group: SliceGroup,
  columns: readonly string[],
  pathOf: (uri: string) => string,
): string {
  const files = group.slices.flatMap((slice) => shard.files[slice.file] ?? []);
  const [slice] = group.slices;
  const layout = scoring.input.layouts[files[0]?.layout ?? 0] ?? [];
  const items = columns.map((name) => {
    const type = scoring.input.columns.find((column) => column.name === name)?.type ?? 'VARCHAR';
    const partition = scoring.input.partitionColumns.findIndex((column) => column.name === name);
    const value =
      partition >= 0
        ? partitionValue(
            files.map((file) => file.partition[partition] ?? null),
            type,
          )
        : storedValue(layout, name, type);
    return `${value} AS ${quoteName(name)}`;
  });
  // 40 bits hold the row number, the rest the slice: keys grow in the order of the rows.
  const key =
    files.length === 1
      ? `file_row_number + ${BigInt(group.firstIndex) << 40n}`
      : `file_row_number + ((file_index::BIGINT + ${group.firstIndex}) << 40)`;
  items.push(`(${key})::BIGINT AS ${quoteName(KEY)}`);
  const paths = files.map((file) => quotePath(pathOf(file.uri))).join(', ');
  const from = `read_parquet([${paths}], file_row_number = true, hive_partitioning = false, union_by_name = false)`;
  const range =
    slice !== undefined && group.slices.length === 1 && !isWhole(shard, slice)
      ? ` WHERE file_row_number BETWEEN ${slice.firstRow} AND ${slice.firstRow + slice.rows - 1}`
      : '';
  return `SELECT ${items.join(', ')} FROM ${from}${range}`;
}

/** A file's own column, in the type that all files share; null where the file lacks it. */
function storedValue(
  layout: Scoring['input']['layouts'][number],
  name: string,
  type: string,
): string {
  const stored = layout.find((column) => column.name.toLowerCase() === name.toLowerCase());
  if (stored === undefined) return `NULL::${type}`;
  const quoted = quoteName(stored.name);
  const column =
    stored.stored === undefined ? quoted : storedMeaning(quoted, stored.type, stored.stored);
  return stored.type === type ? column : `CAST(${column} AS ${type})`;
}

function partitionValue(values: readonly (string | null)[], type: string): string {
  const literal = (value: string | null): string => (value === null ? 'NULL' : quoteText(value));
  if (new Set(values).size <= 1) return `CAST(${literal(values[0] ?? null)} AS ${type})`;
  return `CAST([${values.map(literal).join(', ')}][file_index::BIGINT + 1] AS ${type})`;
}

function noRows(scoring: Scoring, columns: readonly string[]): string {
  const items = columns.map((name) => {
    const type = scoring.input.columns.find((column) => column.name === name)?.type ?? 'VARCHAR';
    return `NULL::${type} AS ${quoteName(name)}`;
  });
  return `SELECT ${[...items, `0::BIGINT AS ${quoteName(KEY)}`].join(', ')} WHERE false`;
}
