import {
  allFailuresPrefix,
  driftKey,
  failureOfKey,
  type Manifest,
  type ManifestQuality,
  mapInOrder,
  mergeReasons,
  type ObjectStore,
  profileKey,
  type ShardFailure,
  ShardmillError,
  shardRecordKey,
  shardRecordsPrefix,
} from '@shardmill/core';
import { findFailure, findRecord } from '@shardmill/core/plans';
import { reportDriftSchema, reportProfileSchema } from '../documents/report-schema.js';
import { storedEvaluations } from '../evaluate/stored-evaluations.js';
import { findAcceptance, findQuality } from '@shardmill/scheduler';
import { readObject } from '../inspect/inspect-run.js';
import type { InspectorEngine } from '../inspect/inspector-engine.js';
import type { Services } from '../services.js';
import { chooseRejectedFiles } from './choose-rejected-files.js';
import type { FoundRun } from './find-run.js';
import { RecordSummaries, type RecordSummary } from './record-summary.js';
import { NO_EXAMPLES, type RejectedExamples, type RunFacts } from './run-facts.js';

const READ_AHEAD = 32;
/** Failures of which the attempts are read. */
const MAX_FAILURES = 100;

/**
 * Reads all that is stored of a run.
 * @param examples whether rejected rows are read, with their values.
 * @throws PLAN_MISMATCH, STORE_…
 */
export async function readFacts(
  found: FoundRun,
  examples: boolean,
  services: Pick<Services, 'stores' | 'withEngine'>,
): Promise<RunFacts> {
  const { output, planRun, plan, manifest, run } = found;
  const store = services.stores.open(output);
  const records = await readRecords(store, planRun, manifest);
  const failures = await readFailures(store, planRun);
  const profile = (await readObject(store, profileKey(planRun), reportProfileSchema)) ?? null;
  const drift = (await readObject(store, driftKey(planRun), reportDriftSchema)) ?? null;
  const evaluations = await storedEvaluations(store, planRun);
  const quality = manifest?.quality ?? (await readQuality(store, planRun));
  const stored = { profile, drift, evaluations, quality };
  const known = { output, plan, manifest, records, failures, run, ...stored };
  return {
    ...known,
    examples: examples
      ? await readExamples(store, known, services)
      : { ...NO_EXAMPLES, missing: 'They were left out on request.' },
  };
}

/** Of a run without a manifest: it may be its checks that keep it from having one. */
async function readQuality(
  store: ObjectStore,
  planRun: string,
): Promise<ManifestQuality | undefined> {
  const record = await findQuality(store, planRun);
  if (record === undefined) return undefined;
  const accepted = await findAcceptance(store, planRun);
  return { outcomes: record.outcomes, ...(accepted !== undefined && { accepted }) };
}

async function readRecords(
  store: ObjectStore,
  runId: string,
  manifest: Manifest | null,
): Promise<RecordSummary> {
  const summaries = new RecordSummaries();
  const keys = store.list(shardRecordsPrefix(runId));
  const records = mapInOrder(keys, READ_AHEAD, async ({ key }) => {
    const shard = Number(/(\d+)\.json$/.exec(key)?.[1]);
    if (key !== shardRecordKey(runId, shard)) return undefined;
    return findRecord(store, { runId }, shard);
  });
  for await (const record of records) {
    if (record !== undefined) summaries.add(record, manifest === null);
  }
  return summaries.summary();
}

/** Of all rounds; those of one round have the same story as its log, which Redis forgets. */
async function readFailures(store: ObjectStore, runId: string): Promise<ShardFailure[]> {
  const failures: ShardFailure[] = [];
  for await (const { key } of store.list(allFailuresPrefix(runId))) {
    if (failures.length >= MAX_FAILURES) break;
    const place = failureOfKey(key);
    if (place === undefined) continue;
    const failure = await findFailure(store, runId, place.round, place.shard);
    if (failure !== undefined) failures.push(failure);
  }
  return failures;
}

/** A report without examples is better than none: what is wrong with them is said in it. */
async function readExamples(
  store: ObjectStore,
  { manifest, records }: Pick<RunFacts, 'manifest' | 'records'>,
  services: Pick<Services, 'withEngine' | 'stores'>,
): Promise<RejectedExamples> {
  const reasons = mergeReasons(manifest?.rejectedReasons ?? records.rejectedReasons);
  const files = chooseRejectedFiles(records.rejectedFiles, reasons);
  if (files.length === 0) {
    const some = records.rejectedFiles.length > 0;
    return { ...NO_EXAMPLES, missing: some ? 'The files of rejected rows are too large.' : null };
  }
  try {
    return await services.withEngine((engine) => sampleFiles(store, files, engine));
  } catch (error) {
    if (!(error instanceof ShardmillError)) throw error;
    return { ...NO_EXAMPLES, missing: `${error.code}: ${error.message}` };
  }
}

async function sampleFiles(
  store: ObjectStore,
  files: readonly { readonly key: string }[],
  engine: InspectorEngine,
): Promise<RejectedExamples> {
  let columns: readonly string[] = [];
  const rows: RejectedExamples['rows'][number][] = [];
  let gone = 0;
  for (const { key } of files) {
    const info = await store.head(key);
    if (info === undefined) {
      gone++;
      continue;
    }
    const { bytes, etag } = info;
    const sample = await engine.sampleRejected({ uri: store.locate(key), bytes, etag });
    // All files of a run have the columns that its job uses.
    columns = sample.columns;
    rows.push(...sample.rows);
  }
  const missing = rows.length === 0 && gone > 0 ? 'The files of rejected rows were deleted.' : null;
  return { columns, rows, missing };
}
