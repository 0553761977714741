import { randomBytes } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { PlannedPart } from '@shardmill/core';
import { featureProfileOrder } from '../../profile/feature-profile.js';
import { nearRows } from '../../scan/near-rows.js';
import { partSource } from '../../scan/part-source.js';
import type { Rejects } from '../../single-pass/part-order.js';
import { ReasonsTable } from '../../write/reasons-table.js';
import { partMetadata } from '../../write/part-metadata.js';
import { publishRejected } from '../publish-rejected.js';
import type { PartContext } from '../part-context.js';
import {
  addModelTime,
  addTime,
  countFiltered,
  type StepSeconds,
  timed,
  type WrittenPart,
} from '../written-part.js';

/** Each lane has a database of its own; the name cannot be guessed by a job's SQL. */
const NEAR_TABLE = `_shardmill_${randomBytes(16).toString('hex')}`;

/**
 * Writes a part in which nothing is unusual in a single pass (`single-pass/`).
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
    const order = {
      place: { shard: shard.shard, part: part.part },
      source: partSource(scoring, shard, part, scoring.input.used, pathOf),
      near: nearRows(scoring, shard, part, pathOf, NEAR_TABLE),
      read: part.rows,
      filtered,
      metadata: partMetadata(settings, shard, part),
      temporaryFolder,
      profile: featureProfileOrder(settings.profile, shard, part),
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
    const { file, partitions, rows, rejects, known, features, modelMs, scoredBy } = outcome;
    addModelTime(seconds, modelMs, scoredBy);
    const tallies = outcome.challengers;
    if (tallies !== undefined) addTime(seconds, 'challengers', outcome.challengersMs);
    for (const [index, { failure }] of tallies?.entries() ?? []) {
      if (failure !== undefined) context.challengers[index]?.onFailure(failure);
    }
    const reasons = new ReasonsTable(connection, `${shard.shard}_${part.part}`);
    return {
      file,
      partitions,
      rows,
      known,
      counted: tallies?.map(({ counted }) => counted),
      features,
      publishRejected: async () => {
        if (rows.rejected === 0) return null;
        await fillReasons(reasons, rejects);
        return timed(seconds, 'write', () =>
          publishRejected(connection, context, part, rows, reasons),
        );
      },
      release: async () => {
        if (rows.rejected > 0) await reasons.drop().catch(() => {});
      },
    };
  });
}

async function fillReasons(table: ReasonsTable, { keys, reasons }: Rejects): Promise<void> {
  await table.create();
  for (const [index, key] of keys.entries()) table.append(key, reasons[index] ?? '');
  table.finish();
}
