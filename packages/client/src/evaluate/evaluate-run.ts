import {
  digestJson,
  type EvaluationTask,
  type InputFile,
  type Manifest,
  mapConcurrent,
  type ObjectStore,
  type Plan,
  resolveLocation,
  ShardmillError,
  type Stores,
} from '@shardmill/core';
import { checkFooters, type EngineProcess, type PlanningLimits } from '@shardmill/worker';
import { DOCUMENT_VERSION } from '../documents/document-version.js';
import type { EvaluationDocument } from '../documents/evaluation-schema.js';
import { listHere } from '../planning/local-planner.js';
import { chooseColumns, scoreColumns } from './choose-columns.js';

export interface EvaluationOptions {
  /** Where the labels are: a Parquet file, folder or pattern, a path or `s3://`. */
  readonly labels: string;
  /** Columns that identify a row, in both; the only one in common where left out. */
  readonly keys?: readonly string[] | undefined;
  /** The column of the labels; the only one beside the key where left out. */
  readonly label?: string | undefined;
  /** Columns of the result; all that the job has computed and that suit the labels where left out. */
  readonly scores?: readonly string[] | undefined;
  /** What the labels are; by their values where left out. */
  readonly task?: EvaluationTask | undefined;
  /** The label that stands for yes. */
  readonly positive?: string | undefined;
  /** A score that is at least this is taken for yes; 0.5 where left out. */
  readonly threshold?: number | undefined;
}

/** A run as it is stored. */
interface StoredRun {
  readonly output: string;
  /** Null where a manifest lies apart from the rest of its run. */
  readonly plan: Plan | null;
  /** Null where it has not finished. */
  readonly manifest: Manifest | null;
}

export interface EvaluationContext {
  readonly stores: Stores;
  readonly startEngine: () => EngineProcess;
  /** The limits of planning, for what is listed. */
  readonly limits: PlanningLimits;
  readonly now: Date;
}

const DEFAULT_THRESHOLD = 0.5;
const REQUESTS_AT_ONCE = 32;

/**
 * Joins the result of a finished run with labels, and measures how good its scores are.
 * @throws RUN_STATE where it has not finished; LABELS_…; INPUT_… for what cannot be read
 */
export async function evaluateRun(
  { output, manifest, plan }: StoredRun,
  options: EvaluationOptions,
  cwd: string,
  { stores, startEngine, limits, now }: EvaluationContext,
): Promise<EvaluationDocument> {
  const { threshold = DEFAULT_THRESHOLD, task, positive } = options;
  if (manifest === null) {
    throw new ShardmillError('RUN_STATE', 'the run has not finished: it has no manifest yet', {
      where: output,
    });
  }
  const scoreFiles = await partsOf(stores.open(output), manifest);
  const uri = resolveLocation(options.labels, cwd);
  const engine = startEngine();
  try {
    const listed = await listHere(
      {
        stores,
        uri,
        base: '/',
        hivePartitioning: false,
        readCheckpoint: (file) => engine.readCheckpoint(file),
      },
      { limits },
    );
    const labelFiles = listed.files.map(({ uri: file, bytes, etag }) => ({
      uri: file,
      bytes,
      etag,
    }));
    const [first] = labelFiles;
    if (first === undefined) {
      throw new ShardmillError('INPUT_NOT_FOUND', 'there is no file of labels', { where: uri });
    }
    await checkFooters(labelFiles, stores);
    const columns = chooseColumns({
      results: manifest.schema,
      partitionBy: manifest.partitionBy ?? [],
      computed: plan === null ? undefined : scoreColumns(plan.scoring),
      labels: await engine.describeInput(first),
      keys: options.keys,
      label: options.label,
      scores: options.scores,
    });
    const evaluation = await engine.evaluateScores({
      scoreFiles,
      labelFiles,
      ...columns,
      threshold,
      task,
      positive,
    });
    const { runId, job, model } = manifest;
    return {
      schemaVersion: DOCUMENT_VERSION,
      // The same labels, by what distinguishes files, with the same options have the same id.
      id: digestJson([runId, labelFiles, columns, threshold, task, positive]).slice(0, 16),
      evaluatedAt: now.toISOString(),
      runId,
      job,
      output,
      model,
      labels: {
        uri,
        files: labelFiles.length,
        bytes: labelFiles.reduce((sum, { bytes }) => sum + bytes, 0),
        keys: columns.keys.map(({ scores: { name } }) => name),
        column: columns.label.name,
        type: columns.label.type,
      },
      ...evaluation,
    };
  } finally {
    await engine.close();
  }
}

/** The objects that the manifest names, as they are now. @throws INPUT_NOT_FOUND, INPUT_CHANGED */
async function partsOf(store: ObjectStore, { parts, runId }: Manifest): Promise<InputFile[]> {
  if (parts.length === 0) {
    throw new ShardmillError('LABELS_KEY', `the result of run ${runId} has no rows`, {
      where: store.uri,
    });
  }
  return mapConcurrent(parts, REQUESTS_AT_ONCE, async ({ key, bytes }) => {
    const found = await store.head(key);
    if (found?.bytes === bytes) return { uri: store.locate(key), bytes, etag: found.etag };
    throw new ShardmillError(
      found === undefined ? 'INPUT_NOT_FOUND' : 'INPUT_CHANGED',
      found === undefined
        ? `a part of run ${runId} is gone: a later run or the clean-up of a table has deleted it`
        : `a part of run ${runId} has ${found.bytes} bytes, and had ${bytes}`,
      { where: store.locate(key), remedy: 'Evaluate a run whose result is still there.' },
    );
  });
}
