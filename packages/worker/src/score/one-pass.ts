import type { DuckDBConnection } from '@duckdb/node-api';
import type { PlannedPart, RowCounts } from '@shardmill/core';
import { DirectStatistics } from '../write/direct-statistics.js';
import { partMetadata } from './existing-part.js';
import type { PartContext } from './score-part.js';
import { countFiltered, type StepSeconds, timed, type WrittenPart } from './written-part.js';

/**
 * The way for parts of cheap models in which nothing is unusual (`single-pass/`).
 * @returns undefined where the part is one for two passes.
 */
export async function writeInOnePass(
  connection: DuckDBConnection,
  context: PartContext,
  part: PlannedPart,
  seconds: StepSeconds,
): Promise<WrittenPart | undefined> {
  const { settings, shard, scans, pathOf, signal, progress, singlePass } = context;
  if (singlePass === undefined) return undefined;
  const { scoring, temporaryFolder } = settings;
  const endScan = await scans.take();
  try {
    if (!singlePass.ready) return undefined;
    return await timed(seconds, 'singlePass', async () => {
      const filtered = await countFiltered(connection, context, part);
      const scored = part.rows - filtered;
      const rows: RowCounts = { read: part.rows, scored, rejected: 0, filtered };
      const statistics = new DirectStatistics(scoring);
      const { file } = await singlePass.write(connection, {
        scoring,
        shard,
        part,
        rows,
        pathOf,
        temporaryFolder,
        metadata: partMetadata(settings, shard, part, rows),
        statistics,
        signal,
        onRows: (done) =>
          progress({
            shard: shard.shard,
            part: part.part,
            scored: done,
            rejected: 0,
            finished: null,
            resumed: false,
          }),
      });
      if (file === undefined) return undefined;
      return {
        file,
        rows,
        known: statistics.finish(),
        publishRejected: async () => null,
        release: async () => {},
      };
    });
  } finally {
    endScan();
  }
}
