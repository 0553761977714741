import path from 'node:path';
import { type Column, type Job, type Manifest, newRunId, ShardmillError } from '@shardmill/core';
import {
  defaultCacheFolder,
  makeWorkFolder,
  pairColumns,
  type ScoreComparison,
} from '@shardmill/worker';
import { localRun } from '../local-run/local-run.js';
import { planWithRegistry } from '../local-run/plan-local-run.js';
import type { RunEvents } from '../local-run/run-types.js';
import type { PreparedJob } from '../prepare-job.js';
import { comparedJob } from './compared-job.js';
import type { CompareContext } from './score-and-compare.js';

export interface TestModelRequest {
  /** With the sample that is scored. */
  readonly prepared: PreparedJob;
  /** `models:/churn@candidate`, or the whole location of a model. */
  readonly model: string;
  readonly tolerance: number;
  readonly signal: AbortSignal;
}

/** What one of the two models was, and what it did. */
type TestedModel = Pick<Manifest, 'model' | 'rows' | 'rejectedReasons'>;

export interface ModelTest {
  /** The model that the job names. */
  readonly current: TestedModel;
  /** The one that may take its place. */
  readonly other: TestedModel;
  /** `scores` are those of the current model, `expected` those of the other one. */
  readonly comparison: ScoreComparison;
}

/**
 * Scores a sample with the model of a job and with another one, each into a folder that is gone
 * afterwards, and compares what they give, row by row.
 * @throws what a run throws; MODEL_NOT_REGISTERED
 */
export async function testModel(
  { prepared, model, tolerance, signal }: TestModelRequest,
  events: RunEvents,
  { stores, cacheFolder = defaultCacheFolder(), startEngine, limits, models }: CompareContext,
): Promise<ModelTest> {
  requireColumns(prepared);
  const folder = await makeWorkFolder(path.join(cacheFolder, 'work'));
  const scored = async (name: string, job: Job): Promise<Manifest> => {
    const output = path.join(folder.path, name);
    const options = { ...prepared, job: testedJob(job, output), maxRejectedRows: '100%', signal };
    const context = { engine: startEngine(), stores, cacheFolder, limits, models };
    return (await localRun({ ...options, ...context }, events)).manifest;
  };
  /** Before anything is scored: the other model is the one that may not fit. */
  const refuseUnfit = async (job: Job): Promise<void> => {
    const engine = startEngine();
    const now = new Date();
    const order = {
      job: testedJob(job, path.join(folder.path, 'other')),
      runId: newRunId(now),
      now,
    };
    try {
      const { jobFile, params, selection } = prepared;
      const more = { jobFile, params, selection, engine, stores, models };
      await planWithRegistry({ ...order, ...more }, { limits, signal });
    } finally {
      await engine.close();
    }
  };
  try {
    // The two models are the champion and a challenger already.
    const job = { ...prepared.job, challengers: undefined };
    // A digest in the job is that of its own model.
    const { sha256: _, ...own } = job.model;
    const otherJob = { ...job, model: { ...own, uri: model } };
    await refuseUnfit(otherJob);
    const current = await scored('current', job);
    const other = await scored('other', otherJob);
    const files = (name: string, { parts }: Manifest): string[] =>
      parts.map(({ key }) => path.join(folder.path, name, key));
    const engine = startEngine();
    try {
      const comparison = await engine.compareScores({
        ...pairColumns(columnsOf(current), columnsOf(other), KEYS),
        scoreFiles: files('current', current),
        expectedFiles: files('other', other),
        tolerance,
        agreement: true,
        temporaryFolder: folder.path,
      });
      return { current: tested(current), other: tested(other), comparison };
    } finally {
      await engine.close();
    }
  } finally {
    await folder.remove();
  }
}

/** Rows are identified by where they are in the input. */
const KEYS = ['_shardmill_file', '_shardmill_row'];

/** A job to compare, with the keys of rows and without what both models hand on alike. */
function testedJob(job: Job, uri: string): Job {
  const compared = comparedJob(job, uri);
  const [file = '', row = ''] = KEYS;
  const columns = { ...compared.output.columns, [file]: '_file', [row]: '_row' };
  return { ...compared, output: { ...compared.output, columns, passThrough: [] } };
}

/** @throws USAGE */
function requireColumns({ job, jobFile }: PreparedJob): void {
  if (Object.keys(job.output.columns).length > 0) return;
  throw new ShardmillError('USAGE', 'the job has no output.columns, so no score to compare', {
    where: jobFile,
  });
}

const columnsOf = ({ schema }: Manifest): readonly Column[] => schema;

const tested = ({ model, rows, rejectedReasons }: Manifest): TestedModel => ({
  model,
  rows,
  rejectedReasons,
});
