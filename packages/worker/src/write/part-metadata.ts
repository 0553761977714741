import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type PlannedPart,
  type PlannedShard,
  type RowCounts,
  truncatedRows,
} from '@shardmill/core';
import { quotePath } from '../duckdb/quote.js';
import type { RunSettings } from '../part/run-settings.js';

/** The entry of a part's key-value metadata that says what became of its rows. */
const ROWS_ENTRY = 'shardmill.rows';

/**
 * Key-value metadata of a part's file that says which part it is; `rowsEntry` says what became of
 * its rows.
 */
export function partMetadata(
  settings: RunSettings,
  shard: PlannedShard,
  part: PlannedPart,
): Record<string, string> {
  return {
    'shardmill.run': settings.runId,
    'shardmill.job': settings.jobName,
    'shardmill.model_sha256': settings.scoring.model.sha256,
    'shardmill.plan_digest': settings.planDigest,
    'shardmill.part': `${shard.shard}/${part.part}`,
  };
}

/** The entry with the row counts, which are known once the part is written. */
export function rowsEntry({
  read,
  scored,
  rejected,
  filtered,
  truncated,
}: RowCounts): Record<string, string> {
  return { [ROWS_ENTRY]: JSON.stringify({ read, scored, rejected, filtered, truncated }) };
}

/** The key-value metadata of a Parquet file. @throws what DuckDB throws where it cannot be read */
export async function readPartMetadata(
  connection: DuckDBConnection,
  file: string,
): Promise<ReadonlyMap<string, string>> {
  const reader = await connection.runAndReadAll(
    `SELECT decode(key), decode(value) FROM parquet_kv_metadata(${quotePath(file)})`,
  );
  return new Map(reader.getRows().map(([key, value]) => [String(key), String(value)]));
}

/** The row counts of a part's metadata; undefined where it has none that can be read. */
export function rowsOf(metadata: ReadonlyMap<string, string>): RowCounts | undefined {
  const text = metadata.get(ROWS_ENTRY);
  const match =
    /^\{"read":(\d+),"scored":(\d+),"rejected":(\d+),"filtered":(\d+)(?:,"truncated":(\d+))?\}$/.exec(
      text ?? '',
    );
  if (match === null) return undefined;
  const [read = 0, scored = 0, rejected = 0, filtered = 0, truncated = 0] = match
    .slice(1)
    .map((digits) => Number(digits ?? 0));
  return { read, scored, rejected, filtered, ...truncatedRows(truncated) };
}
