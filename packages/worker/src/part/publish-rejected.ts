import { rm } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { type PlannedPart, rejectedKey, type RowCounts } from '@shardmill/core';
import { quotePath } from '../duckdb/quote.js';
import { readText } from '../sql/read-text.js';
import { digestFile } from '../write/part-file.js';
import type { ReasonsTable } from '../write/reasons-table.js';
import { rowsEntry } from '../write/part-metadata.js';
import { writeRejected } from '../write/write-part.js';
import { countReasons } from './count-reasons.js';
import { describeRejected } from './existing-part.js';
import { partMetadata } from '../write/part-metadata.js';
import type { PartContext, RejectsObject } from './part-context.js';
import { accountingError } from './written-part.js';

/**
 * Creates the object of a part's rejected rows; null where there are none.
 * @throws ROW_ACCOUNTING where the file has not as many rows as were rejected
 */
export async function publishRejected(
  connection: DuckDBConnection,
  context: PartContext,
  part: PlannedPart,
  rows: RowCounts,
  reasons: ReasonsTable,
): Promise<RejectsObject | null> {
  const { settings, shard, store, pathOf } = context;
  if (rows.rejected === 0) return null;
  const { scoring, temporaryFolder } = settings;
  const metadata = { ...partMetadata(settings, shard, part), ...rowsEntry(rows) };
  const request = { scoring, shard, part, pathOf, temporaryFolder, metadata };
  const file = await writeRejected(connection, request, reasons.name);
  try {
    const written = Number(
      await readText(connection, `SELECT count(*) FROM read_parquet(${quotePath(file)})`),
    );
    if (written !== rows.rejected) {
      const seen = { ...rows, rejected: written };
      throw accountingError(shard, part, seen, 'in the file of rejected rows');
    }
    const key = rejectedKey(settings.runId, shard.shard, part.part);
    const [digest, why] = [await digestFile(file), await countReasons(connection, file)];
    const created = await store.create(key, { path: file });
    return created === 'created'
      ? { object: { key, ...digest }, reasons: why }
      : await describeRejected(connection, context, part);
  } finally {
    await rm(file, { force: true });
  }
}
