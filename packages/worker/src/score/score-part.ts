import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type FileStore,
  type ObjectRef,
  type OutputStatistics,
  type PartRecord,
  partKey,
  type PlannedPart,
  type PlannedShard,
  rejectedKey,
  type RowCounts,
  ShardmillError,
} from '@shardmill/core';
import { rm } from 'node:fs/promises';
import type { LanePool, ScoredBatch } from '../infer/lane-pool.js';
import type { Batch, FeedPool } from '../scan/batch-builder.js';
import { partSource } from '../scan/part-source.js';
import { scanPart } from '../scan/scan-part.js';
import type { LoadedTransform } from '../scan/transform-batch.js';
import { quotePath } from '../sql/quote.js';
import { readText } from '../sql/read-text.js';
import { digestFile, readBack } from '../write/read-back.js';
import { DirectStatistics } from '../write/direct-statistics.js';
import { ResultTable } from '../write/result-table.js';
import { type WriteRequest, writeRejected, writeResults } from '../write/write-part.js';
import { checkInputs } from './check-inputs.js';
import { describeExistingPart, partMetadata } from './existing-part.js';
import { diagnosePart } from './diagnose-part.js';
import type { PartProgress, RunSettings } from './scorer.js';
import type { Turns } from './turns.js';

export interface PartContext {
  readonly settings: RunSettings;
  readonly lanes: LanePool;
  readonly feeds: FeedPool;
  readonly transform: LoadedTransform | undefined;
  readonly store: FileStore;
  readonly pathOf: (uri: string) => string;
  readonly scans: Turns;
  readonly progress: (progress: PartProgress) => void;
  readonly shard: PlannedShard;
  readonly connect: () => Promise<DuckDBConnection>;
  readonly signal: AbortSignal;
}

export interface ScoredPart {
  readonly record: PartRecord;
  readonly statistics: Record<string, OutputStatistics>;
}

/**
 * Makes one part: scan and infer, write, read back, publish. A part whose object is there already
 * is described from it, whoever made it: the plan fixes its rows and its model.
 * @param seconds gets the time of each stage added.
 */
export async function scorePart(
  context: PartContext,
  part: PlannedPart,
  seconds: Record<string, number>,
): Promise<ScoredPart> {
  const { shard, progress, connect, pathOf, settings } = context;
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
      resumed: existing !== undefined,
    });
    return done;
  } catch (error) {
    if (!(error instanceof ShardmillError)) {
      // A file that changed under the scan looks like damage: the change is the cause.
      await checkInputs(shard, part, pathOf);
    }
    throw await diagnosePart(error, settings.scoring, shard, part, pathOf, connect);
  } finally {
    connection.closeSync();
  }
}

async function makePart(
  connection: DuckDBConnection,
  context: PartContext,
  part: PlannedPart,
  seconds: Record<string, number>,
): Promise<ScoredPart> {
  const { settings, shard, store, pathOf } = context;
  const { scoring } = settings;
  const time = async <T>(stage: string, work: Promise<T>): Promise<T> => {
    const started = performance.now();
    try {
      return await work;
    } finally {
      seconds[stage] = (seconds[stage] ?? 0) + (performance.now() - started) / 1000;
    }
  };
  await checkInputs(shard, part, pathOf);
  const results = new ResultTable(connection, scoring.model.outputs, `${shard.shard}_${part.part}`);
  const direct = new DirectStatistics(scoring);
  try {
    await time('scanAndInfer', scanAndInfer(context, part, results, direct, seconds));
    const filtered = await time('write', countFiltered(connection, context, part));
    const rows: RowCounts = {
      read: part.rows,
      scored: results.rows - results.rejected,
      rejected: results.rejected,
      filtered,
    };
    if (rows.scored + rows.rejected + rows.filtered !== rows.read) {
      throw accountingError(shard, part, rows, 'after the scan');
    }
    const request: WriteRequest = {
      scoring,
      shard,
      part,
      results,
      rows,
      pathOf,
      temporaryFolder: settings.temporaryFolder,
      metadata: partMetadata(settings, shard, part, rows),
    };
    const file = await time('write', writeResults(connection, request));
    try {
      const content = await time('readBack', readBack(connection, file, scoring, direct.finish()));
      if (content.rows !== rows.scored) {
        throw accountingError(
          shard,
          part,
          { ...rows, scored: content.rows },
          'in the written file',
        );
      }
      const rejected =
        rows.rejected === 0
          ? null
          : await time('write', publishRejected(connection, context, part, request));
      await checkInputs(shard, part, pathOf);
      const key = partKey(settings.runId, shard.shard, part.part);
      const created = await time('publish', store.create(key, { path: file }));
      if (created === 'exists') {
        const existing = await describeExistingPart(connection, context, part);
        if (existing !== undefined) return existing;
      }
      const { bytes, sha256, statistics } = content;
      return {
        record: { part: part.part, rows, object: { key, bytes, sha256 }, rejected },
        statistics,
      };
    } finally {
      await rm(file, { force: true });
    }
  } finally {
    await results.drop().catch(() => {});
  }
}

/** Streams the part's batches through the lanes and puts the results into the table, in order. */
async function scanAndInfer(
  context: PartContext,
  part: PlannedPart,
  results: ResultTable,
  direct: DirectStatistics,
  seconds: Record<string, number>,
): Promise<void> {
  const { settings, shard, lanes, feeds, transform, scans, signal, progress } = context;
  const { scoring } = settings;
  const outputs = scoring.model.outputs.map((output) => output.name);
  const columns = scoring.input.used;
  const source = partSource(scoring, shard, part, columns, context.pathOf);
  let appended: Promise<void> = Promise.resolve();
  const failure = new AbortController();
  const append = async (batch: Batch, result: Promise<ScoredBatch> | undefined): Promise<void> => {
    const scored = await result;
    if (scored !== undefined) {
      seconds['infer'] = (seconds['infer'] ?? 0) + scored.milliseconds / 1000;
    }
    const rejects = new Map(batch.rejects.map(({ position, reason }) => [position, reason]));
    for (const { row, message } of scored?.failures ?? []) {
      rejects.set(batch.positions?.[row] ?? row, `model: ${message}`);
    }
    if (scored !== undefined && scored.outputs.length > 0) {
      direct.add(batch, scored.outputs, rejects);
      await results.append(batch, scored.outputs, rejects);
    } else {
      results.appendRejected(batch, rejects);
    }
    progress({
      shard: shard.shard,
      part: part.part,
      scored: results.rows - results.rejected,
      rejected: results.rejected,
      finished: null,
      resumed: false,
    });
  };
  const scanConnection = await context.connect();
  const endScan = await scans.take();
  try {
    const batches = scanPart(scanConnection, { scoring, source, pool: feeds, transform, signal });
    for await (const batch of batches) {
      const { rows, feeds: tensors } = batch;
      const submitted =
        rows === 0
          ? undefined
          : await lanes.submit(rows, tensors, outputs, settings.tuneCalls, feeds.giveBack);
      appended = appended.then(() => append(batch, submitted?.result));
      // A failure ends the scan, too.
      appended.catch((error: unknown) => failure.abort(error));
      failure.signal.throwIfAborted();
    }
  } finally {
    endScan();
    scanConnection.closeSync();
  }
  await appended;
  await results.finish();
}

/**
 * Rows of the part that `where` leaves out, counted by themselves: the check of the accounting
 * would prove nothing if they were what is left over.
 */
async function countFiltered(
  connection: DuckDBConnection,
  context: PartContext,
  part: PlannedPart,
): Promise<number> {
  const { scoring } = context.settings;
  const { where, used } = scoring.input;
  if (where === null) return 0;
  const source = partSource(scoring, context.shard, part, used, context.pathOf, {
    condition: `(${where}\n) IS NOT TRUE`,
  });
  return Number(await readText(connection, `SELECT count(*) FROM ${source}`));
}

async function publishRejected(
  connection: DuckDBConnection,
  context: PartContext,
  part: PlannedPart,
  request: WriteRequest,
): Promise<ObjectRef> {
  const { settings, shard, store } = context;
  const file = await writeRejected(connection, request);
  try {
    const written = Number(
      await readText(connection, `SELECT count(*) FROM read_parquet(${quotePath(file)})`),
    );
    if (written !== request.rows.rejected) {
      throw accountingError(
        shard,
        part,
        { ...request.rows, rejected: written },
        'in the file of rejected rows',
      );
    }
    const key = rejectedKey(settings.runId, shard.shard, part.part);
    const digest = await digestFile(file);
    const created = await store.create(key, { path: file });
    return { key, ...(created === 'created' ? digest : await digestFile(store.pathOf(key))) };
  } finally {
    await rm(file, { force: true });
  }
}

function accountingError(
  shard: PlannedShard,
  part: PlannedPart,
  rows: RowCounts,
  when: string,
): ShardmillError {
  return new ShardmillError(
    'ROW_ACCOUNTING',
    `${rows.read} rows read are not ${rows.scored} scored + ${rows.rejected} rejected + ${rows.filtered} filtered ${when}`,
    { where: `shard ${shard.shard}, part ${part.part}` },
  );
}
