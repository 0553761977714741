import type { DuckDBConnection } from '@duckdb/node-api';
import { type PlannedPart, type RowCounts, truncatedRows } from '@shardmill/core';
import type { ScoredBatch } from '../../lane/lane-pool.js';
import { fixedBatch } from '../../model/fixed-batch.js';
import type { Batch } from '../../scan/batch-builder.js';
import { FeatureProfile, featureProfileOrder } from '../../profile/feature-profile.js';
import { partSource } from '../../scan/part-source.js';
import { scanPart } from '../../scan/scan-part.js';
import { ChallengerTable } from '../../write/challenger-table.js';
import { directColumns } from '../../write/direct-columns.js';
import { DirectStatistics } from '../../write/direct-statistics.js';
import { ResultTable } from '../../write/result-table.js';
import { rowsEntry } from '../../write/part-metadata.js';
import { writeResults } from '../../write/write-part.js';
import { partMetadata } from '../../write/part-metadata.js';
import { publishRejected } from '../publish-rejected.js';
import type { PartContext } from '../part-context.js';
import { type ScoredRows, submitChallenger } from './score-challenger.js';
import { type BatchRules, submitBatch } from './submit-batch.js';
import {
  accountingError,
  addModelTime,
  addTime,
  countFiltered,
  type StepSeconds,
  timed,
  type WrittenPart,
} from '../written-part.js';

/**
 * Writes any part: a scan of the features, batches that the lanes work on, their results in a
 * table, and a second scan that joins them with the output's columns and writes.
 */
export async function writeInTwoPasses(
  connection: DuckDBConnection,
  context: PartContext,
  part: PlannedPart,
  seconds: StepSeconds,
): Promise<WrittenPart> {
  const { settings, shard, pathOf, tables } = context;
  const { scoring } = settings;
  const endTable = await tables.acquire();
  const results = new ResultTable(connection, scoring.model.outputs, `${shard.shard}_${part.part}`);
  const challengers = context.challengers.map(
    ({ planned }, index) =>
      new ChallengerTable(connection, index, planned, `${shard.shard}_${part.part}`),
  );
  const release = (): Promise<void> =>
    Promise.all([results, ...challengers].map((table) => table.drop()))
      .catch(() => {})
      .then(endTable);
  const direct = new DirectStatistics(directColumns(scoring.output.columns, scoring.model.outputs));
  const order = featureProfileOrder(settings.profile, shard, part);
  const profile = order && new FeatureProfile(order, scoring.features);
  try {
    await timed(seconds, 'scanAndInfer', () =>
      scanAndInfer(context, part, { results, challengers }, { direct, profile }, seconds),
    );
    return await timed(seconds, 'write', async () => {
      const filtered = await countFiltered(connection, context, part);
      const rows: RowCounts = {
        read: part.rows,
        scored: results.rows - results.rejected,
        rejected: results.rejected,
        filtered,
        ...truncatedRows(results.truncated),
      };
      if (rows.scored + rows.rejected + rows.filtered !== rows.read) {
        throw accountingError(shard, part, rows, 'after the scan');
      }
      const { temporaryFolder } = settings;
      const metadata = { ...partMetadata(settings, shard, part), ...rowsEntry(rows) };
      const request = { scoring, shard, part, pathOf, temporaryFolder, metadata };
      const { file, partitions } = await writeResults(
        connection,
        request,
        results.name,
        challengers,
      );
      return {
        file,
        partitions,
        rows,
        known: direct.finish(),
        features: profile?.finish(),
        publishRejected: () =>
          timed(seconds, 'write', () =>
            publishRejected(connection, context, part, rows, results.reasons),
          ),
        release,
      };
    });
  } catch (error) {
    await release();
    throw error;
  }
}

/** What looks at rows as they go by. */
interface Collectors {
  readonly direct: DirectStatistics;
  readonly profile: FeatureProfile | undefined;
}

/** A call has a cost of its own: a batch of fewer rows counts as one of so many. */
const MIN_COUNTED_ROWS = 1024;

/** Where the results go, row by row. */
interface Tables {
  readonly results: ResultTable;
  readonly challengers: readonly ChallengerTable[];
}

/** Streams the part's batches through the lanes and puts the results into the table, in order. */
async function scanAndInfer(
  context: PartContext,
  part: PlannedPart,
  { results, challengers }: Tables,
  { direct, profile }: Collectors,
  seconds: StepSeconds,
): Promise<void> {
  const { settings, shard, feeds, transform, images, scans, signal, progress } = context;
  const { scoring } = settings;
  const columns = scoring.input.used;
  const source = partSource(scoring, shard, part, columns, context.pathOf);
  const lanes = await context.lanes();
  await Promise.all(context.challengers.map((one) => one.lanes()));
  /** Rows that are scored, of batches that are not yet whole. */
  let ahead = 0;
  const report = (): void =>
    progress({
      shard: shard.shard,
      part: part.part,
      scored: results.rows - results.rejected + ahead,
      rejected: results.rejected,
      finished: null,
      resumed: false,
    });
  const rules: BatchRules = {
    features: scoring.features,
    outputs: scoring.model.outputs,
    text: scoring.text,
    paddingId: context.tokenizer?.paddingId ?? 0,
    undivided: scoring.model.rowsPerCall !== undefined,
    maxCallRows:
      fixedBatch(scoring.model.inputs) ?? (settings.tuneCalls ? undefined : settings.batchRows),
    maxCallTokens: settings.batchTokens,
    reuse: feeds.giveBack,
    onCall: (rows) => {
      ahead += rows;
      report();
    },
  };
  let appended: Promise<void> = Promise.resolve();
  const failure = new AbortController();
  const append = async (
    batch: Batch,
    result: Promise<ScoredBatch> | undefined,
    others: readonly Promise<ScoredRows>[],
  ): Promise<void> => {
    const scored = await result;
    let challengersMs = 0;
    for (const [index, other] of others.entries()) {
      const { milliseconds, ...rows } = await other;
      challengersMs += milliseconds;
      challengers[index]?.append({ keys: batch.keys, ...rows });
    }
    if (others.length > 0) addTime(seconds, 'challengers', challengersMs);
    if (batch.tokens !== undefined) ahead -= batch.rows;
    results.truncated += batch.tokens?.truncated ?? 0;
    if (scored !== undefined) {
      addModelTime(seconds, scored.milliseconds, scored.scoredBy);
      context.singlePass?.record(
        ((scored.milliseconds + challengersMs) * 1000) / Math.max(batch.rows, MIN_COUNTED_ROWS),
      );
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
    report();
  };
  for (const table of challengers) await table.create();
  const scanConnection = await context.connect();
  const endScan = await scans.acquire();
  try {
    const batchRows = (): number => lanes.calls.batchRows(feeds.capacity);
    const batches = scanPart(scanConnection, {
      scoring,
      source,
      pool: feeds,
      challengers: context.challengers.map((one) => one.feeds),
      batchRows,
      transform,
      images,
      tokenizer: context.tokenizer,
      profile,
      signal,
    });
    for await (const batch of batches) {
      const submitted = batch.rows === 0 ? undefined : await submitBatch(lanes, batch, rules);
      const others: Promise<ScoredRows>[] = [];
      for (const [index, own] of (batch.challengers ?? []).entries()) {
        const challenger = context.challengers[index];
        if (challenger !== undefined) others.push((await submitChallenger(challenger, own)).result);
      }
      appended = appended.then(() => append(batch, submitted?.result, others));
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
  for (const table of challengers) table.finish();
}
