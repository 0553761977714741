import type { PartContext, ScoredPart } from './part-context.js';
import { rm } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { partKey, type PlannedPart, ShardmillError } from '@shardmill/core';
import { readBack } from '../write/read-back.js';
import { diagnosePart } from './diagnose-part.js';
import { describeExistingPart } from './existing-part.js';
import { writeInOnePass } from './single-pass/one-pass.js';
import { writeInTwoPasses } from './two-pass/two-passes.js';
import { accountingError, type StepSeconds, timed } from './written-part.js';

/**
 * Makes one part: stage, score and write, read back, publish. A part whose object is there
 * already is described from it, whoever made it: the plan fixes its rows and its model.
 * @param seconds gets the time of each step of this part.
 */
export async function scorePart(
  context: PartContext,
  part: PlannedPart,
  seconds: StepSeconds,
): Promise<ScoredPart> {
  const { shard, progress, connect, files, pathOf, settings, openDatabase } = context;
  const connection = await connect();
  try {
    const existing = await describeExistingPart(connection, context, part);
    const done = existing ?? (await makePart(connection, context, part, seconds));
    const { scored, rejected } = done.record.rows;
    progress({
      shard: shard.shard,
      part: part.part,
      scored,
      rejected,
      finished: done.record,
      resumed: existing !== undefined || done.madeByAnother === true,
      seconds,
      bytesRead: done.bytesRead,
    });
    return done;
  } catch (error) {
    if (!(error instanceof ShardmillError)) {
      // A file that changed under the scan looks like damage: the change is the cause.
      await files.check(part);
    }
    const { scoring } = settings;
    const search = { scoring, shard, part, pathOf, openDatabase };
    throw await diagnosePart(error, search, context.damage);
  } finally {
    connection.closeSync();
  }
}

async function makePart(
  connection: DuckDBConnection,
  context: PartContext,
  part: PlannedPart,
  seconds: StepSeconds,
): Promise<ScoredPart> {
  const { settings, shard, store, files } = context;
  context.damage.refuse(shard, part);
  // Before the turn to scan is taken: the next part is fetched while this one is scored.
  const bytesRead = await timed(seconds, 'stage', () => files.stage(part));
  const written =
    (await writeInOnePass(connection, context, part, seconds)) ??
    (await writeInTwoPasses(connection, context, part, seconds));
  const { file, rows, known } = written;
  try {
    const content = await timed(seconds, 'readBack', () =>
      readBack(connection, file, settings.scoring, known),
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
      const existing = await describeExistingPart(connection, context, part);
      if (existing !== undefined) return { ...existing, bytesRead, madeByAnother: true };
    }
    const { bytes, sha256, statistics } = content;
    return {
      record: {
        part: part.part,
        rows,
        object: { key, bytes, sha256 },
        rejected: rejected?.object ?? null,
      },
      rejectedReasons: rejected?.reasons,
      statistics,
      bytesRead,
    };
  } finally {
    await rm(file, { force: true });
    await written.release();
  }
}
