import type { DuckDBConnection } from '@duckdb/node-api';
import { partKey, type PlannedPart } from '@shardmill/core';
import { readBack } from '../write/read-back.js';
import { describeExistingPart } from './existing-part.js';
import { commitPartitions } from './partitions/commit-partitions.js';
import { partToRead, scoredPart } from './scored-part.js';
import type { PartContext, ScoredPart } from './part-context.js';
import { accountingError, type StepSeconds, timed, type WrittenPart } from './written-part.js';

/**
 * Commits a part that is written to a local file: reads it back, creates the object of its rejected
 * rows, checks that the input is still the planned one, and creates the part's object, which is
 * there whole or not at all. A part that another worker was first with is described from its object.
 * @throws ROW_ACCOUNTING, INPUT_CHANGED, OUTPUT_CONFLICT, STORE_…
 */
export async function commitPart(
  connection: DuckDBConnection,
  context: PartContext,
  part: PlannedPart,
  written: WrittenPart,
  seconds: StepSeconds,
): Promise<ScoredPart> {
  const { settings, shard, store, files } = context;
  const { file, partitions, rows, known, counted } = written;
  if (partitions !== undefined) {
    return commitPartitions(connection, context, part, written, partitions, seconds);
  }
  const content = await timed(seconds, 'readBack', () =>
    readBack(connection, file, settings.scoring, partToRead(context, part), known, counted),
  );
  if (content.rows !== rows.scored) {
    const seen = { ...rows, scored: content.rows };
    throw accountingError(shard, part, seen, 'in the written file');
  }
  const rejected = await written.publishRejected();
  await files.check(part);
  const key = partKey(settings.runId, shard.shard, part.part);
  const created = await timed(seconds, 'publish', () => store.create(key, { path: file }));
  if (created === 'exists') {
    const existing = await describeExistingPart(
      connection,
      context,
      part,
      async () => written.features,
    );
    if (existing !== undefined) return { ...existing, madeByAnother: true };
  }
  return scoredPart(part, key, rows, content, rejected, written.features);
}
