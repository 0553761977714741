import type { DuckDBConnection } from '@duckdb/node-api';
import type { PlannedPart, RowCounts } from '@shardmill/core';
import { partSource } from '../scan/part-source.js';
import type { PartOrder } from '../single-pass/part-order.js';
import { partMetadata } from './existing-part.js';
import type { PartContext } from './score-part.js';
import { countFiltered, type StepSeconds, timed, type WrittenPart } from './written-part.js';

/**
 * The way for parts in which nothing is unusual (`single-pass/`).
 * @returns undefined where the part is one for two passes.
 */
export async function writeInOnePass(
  connection: DuckDBConnection,
  context: PartContext,
  part: PlannedPart,
  seconds: StepSeconds,
): Promise<WrittenPart | undefined> {
  const { settings, shard, pathOf, signal, progress, singlePass } = context;
  if (singlePass?.suits(shard, part) !== true) return undefined;
  const { scoring, temporaryFolder } = settings;
  return timed(seconds, 'singlePass', async () => {
    const filtered = await countFiltered(connection, context, part);
    const scored = part.rows - filtered;
    const rows: RowCounts = { read: part.rows, scored, rejected: 0, filtered };
    const order: PartOrder = {
      source: partSource(scoring, shard, part, scoring.input.used, pathOf),
      rows: scored,
      metadata: partMetadata(settings, shard, part, rows),
      temporaryFolder,
    };
    const outcome = await singlePass.write(order, shard.parts.length > 1, signal, (done) =>
      progress({
        shard: shard.shard,
        part: part.part,
        scored: done,
        rejected: 0,
        finished: null,
        resumed: false,
      }),
    );
    if (outcome.file === undefined) return undefined;
    const { file, known, modelMs } = outcome;
    seconds['infer'] = (seconds['infer'] ?? 0) + modelMs / 1000;
    return { file, rows, known, publishRejected: async () => null, release: async () => {} };
  });
}
