import { commitPart } from './commit-part.js';
import type { PartContext, ScoredPart } from './part-context.js';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { type PlannedPart, ShardmillError } from '@shardmill/core';
import { profileInput } from '../profile/profile-input.js';
import { diagnosePart } from './diagnose-part.js';
import { describeExistingPart } from './existing-part.js';
import { refusePartitions } from './partitions/refuse-partitions.js';
import { writeInOnePass } from './single-pass/one-pass.js';
import { writeInTwoPasses } from './two-pass/two-passes.js';
import { type StepSeconds, timed } from './written-part.js';

/**
 * Makes one part: stage, score and write, read back, publish. A part whose object is there
 * already is described from it, whichever attempt made it: the plan fixes its rows and its model.
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
    const existing = await describeExistingPart(connection, context, part, () =>
      profileInput(context, part),
    );
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
  const { shard, files } = context;
  context.damage.refuse(shard, part);
  const startedAt = new Date().toISOString();
  // Staged before the semaphore of scans is acquired: the next part is fetched meanwhile.
  const bytesRead = await timed(seconds, 'stage', () => files.stage(part));
  await refusePartitions(connection, context, part);
  const written =
    (await writeInOnePass(connection, context, part, seconds)) ??
    (await writeInTwoPasses(connection, context, part, seconds));
  const { file } = written;
  try {
    const scored = await commitPart(connection, context, part, written, seconds);
    if (scored.madeByAnother === true) return { ...scored, bytesRead };
    const made = { startedAt, endedAt: new Date().toISOString(), seconds: { ...seconds } };
    return { ...scored, record: { ...scored.record, made }, bytesRead };
  } finally {
    // A store that is a folder has moved it.
    if (existsSync(file)) await rm(file, { force: true, recursive: true });
    await written.release();
  }
}
