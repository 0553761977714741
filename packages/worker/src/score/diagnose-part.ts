import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type PlannedPart,
  type PlannedShard,
  type Scoring,
  ShardmillError,
  sqlNameLookup,
  toShardmillError,
} from '@shardmill/core';
import { duckdbFault, duckdbMessage } from '../duckdb/duckdb-error.js';
import { partSource } from '../scan/part-source.js';
import { quoteName, quotePath } from '../sql/quote.js';

/**
 * What went wrong in a part, from the error that DuckDB gave: an expression that failed on a
 * value, memory or disk, or data that cannot be decoded, which is looked for row group by row
 * group. Needs a database of its own: a fatal error leaves the old one unusable.
 */
export async function diagnosePart(
  thrown: unknown,
  scoring: Scoring,
  shard: PlannedShard,
  part: PlannedPart,
  pathOf: (uri: string) => string,
  connect: () => Promise<DuckDBConnection>,
): Promise<ShardmillError> {
  if (thrown instanceof ShardmillError) return thrown;
  const message = duckdbMessage(thrown);
  const where = `shard ${shard.shard}, part ${part.part}`;
  switch (duckdbFault(message)) {
    case 'disk':
      return new ShardmillError('DISK_FULL', message, { where, cause: thrown });
    case 'memory':
      return new ShardmillError('ENGINE_OUT_OF_MEMORY', message, { where, cause: thrown });
    case 'value':
      return new ShardmillError('EXPRESSION_FAILED', message, { where, cause: thrown });
    case 'data': {
      const damage = await findDamage(scoring, shard, part, pathOf, connect);
      if (damage !== undefined) return damage;
      if (message.startsWith('Invalid Input Error')) {
        return new ShardmillError('EXPRESSION_FAILED', message, { where, cause: thrown });
      }
      return toShardmillError(thrown, 'INTERNAL', { where });
    }
    default:
      return toShardmillError(thrown, 'INTERNAL', { where });
  }
}

/** Reads the used columns of each row group alone, and then each column of the one that fails. */
async function findDamage(
  scoring: Scoring,
  shard: PlannedShard,
  part: PlannedPart,
  pathOf: (uri: string) => string,
  connect: () => Promise<DuckDBConnection>,
): Promise<ShardmillError | undefined> {
  const sqlName = sqlNameLookup(scoring.input.columns, 'column');
  const readable = async (piece: PlannedPart, columns: readonly string[]): Promise<string> => {
    const connection = await connect().catch(() => undefined);
    if (connection === undefined) return '';
    try {
      const source = partSource(scoring, shard, piece, columns, pathOf, { condition: null });
      const sums = columns.map((name) => `max(hash(input.${quoteName(sqlName(name))}))`);
      await connection.runAndReadAll(`SELECT ${['count(*)', ...sums].join(', ')} FROM ${source}`);
      return '';
    } catch (error) {
      return duckdbMessage(error);
    } finally {
      connection.closeSync();
    }
  };
  const { used } = scoring.input;
  for (const slice of part.slices) {
    const file = shard.files[slice.file];
    if (file === undefined) continue;
    for (const group of await rowGroups(file.uri, slice, pathOf, connect)) {
      const piece = { ...part, slices: [{ ...slice, ...group }], rows: group.rows };
      const message = await readable(piece, used);
      if (message === '') continue;
      const bad: string[] = [];
      for (const name of used) if ((await readable(piece, [name])) !== '') bad.push(name);
      return new ShardmillError(
        'INPUT_DAMAGED',
        `row group ${group.firstRowGroup}${bad.length > 0 ? `, column ${bad.map((b) => `"${b}"`).join(', ')}` : ''} cannot be decoded: ${message}`,
        { where: file.uri },
      );
    }
  }
  return undefined;
}

interface RowGroupRange {
  readonly firstRow: number;
  readonly rows: number;
  readonly firstRowGroup: number;
  readonly rowGroups: number;
}

async function rowGroups(
  uri: string,
  slice: PlannedPart['slices'][number],
  pathOf: (uri: string) => string,
  connect: () => Promise<DuckDBConnection>,
): Promise<RowGroupRange[]> {
  const connection = await connect();
  try {
    const reader = await connection.runAndReadAll(
      `SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata(${quotePath(pathOf(uri))}) ORDER BY 1`,
    );
    const ranges: RowGroupRange[] = [];
    let firstRow = 0;
    for (const [id, count] of reader.getRows()) {
      const rows = Number(count);
      const from = Math.max(firstRow, slice.firstRow);
      const to = Math.min(firstRow + rows, slice.firstRow + slice.rows);
      if (to > from) {
        ranges.push({ firstRow: from, rows: to - from, firstRowGroup: Number(id), rowGroups: 1 });
      }
      firstRow += rows;
    }
    return ranges;
  } catch {
    return [];
  } finally {
    connection.closeSync();
  }
}
