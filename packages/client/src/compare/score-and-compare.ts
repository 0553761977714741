import path from 'node:path';
import { type Column, ShardmillError, type Stores } from '@shardmill/core';
import {
  defaultCacheFolder,
  EngineProcess,
  makeWorkFolder,
  pairColumns,
  type PlanningLimits,
  type ScoreComparison,
} from '@shardmill/worker';
import type { ModelRegistry } from '@shardmill/scheduler';
import { comparedJob } from './compared-job.js';
import { listHere } from '../planning/local-planner.js';
import { localRun } from '../local-run/local-run.js';
import type { RunEvents, RunResult } from '../local-run/run-types.js';
import type { PreparedJob } from '../prepare-job.js';

export type { ComparedColumn } from '@shardmill/worker';

export interface Expectation {
  /** A Parquet file, folder or glob of this machine. */
  readonly location: string;
  /** Columns that identify a row, in both. */
  readonly keys: readonly string[];
  readonly tolerance: number;
}

export interface ComparedScores {
  readonly comparison: ScoreComparison;
  readonly rows: RunResult['manifest']['rows'];
  readonly rejectedReasons: RunResult['manifest']['rejectedReasons'];
}

export interface CompareRequest {
  readonly prepared: PreparedJob;
  /** What the job's output will have, as it was planned. */
  readonly columns: readonly Column[];
  readonly expectation: Expectation;
  readonly signal: AbortSignal;
}

export interface CompareContext {
  readonly stores: Stores;
  readonly cacheFolder?: string | undefined;
  readonly startEngine: () => EngineProcess;
  /** The limits of planning. */
  readonly limits: PlanningLimits;
  readonly models: ModelRegistry;
}

/**
 * Scores a job into a folder that is gone afterwards, and holds the scores against expected ones.
 * Rows that cannot be scored are left out, however many they are.
 * @throws USAGE where they cannot be compared, before anything is scored; what a run throws
 */
export async function scoreAndCompare(
  { prepared, columns, expectation, signal }: CompareRequest,
  events: RunEvents,
  { stores, cacheFolder = defaultCacheFolder(), startEngine, limits, models }: CompareContext,
): Promise<ComparedScores> {
  const { location: uri, keys, tolerance } = expectation;
  const { files } = await listHere(
    { stores, uri, base: '/', hivePartitioning: false },
    { limits, signal },
  );
  const [first] = files;
  if (first === undefined || !path.isAbsolute(first.uri)) {
    throw new ShardmillError('URI_UNSUPPORTED', 'expected scores are read from this machine only', {
      where: uri,
      remedy: 'Copy the file to this machine and give its path.',
    });
  }
  const engine = startEngine();
  const folder = await makeWorkFolder(path.join(cacheFolder, 'work'));
  try {
    const pairs = pairColumns(columns, await engine.describeInput(first), keys);
    const output = path.join(folder.path, 'scores');
    const { manifest } = await localRun(
      {
        ...prepared,
        job: comparedJob(prepared.job, output),
        maxRejectedRows: '100%',
        signal,
        engine: startEngine(),
        stores,
        cacheFolder,
        limits,
        models,
      },
      events,
    );
    const comparison = await engine.compareScores({
      ...pairs,
      scoreFiles: manifest.parts.map(({ key }) => path.join(output, key)),
      expectedFiles: files.map((file) => file.uri),
      tolerance,
      temporaryFolder: folder.path,
    });
    return { comparison, rows: manifest.rows, rejectedReasons: manifest.rejectedReasons };
  } finally {
    await engine.close();
    await folder.remove();
  }
}
