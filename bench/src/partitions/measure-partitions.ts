import { rm } from 'node:fs/promises';
import { askProcess } from '../child-process.js';
import { type Dataset, FEATURES } from '../dataset.js';
import type { BenchModel } from '../models.js';
import type { BenchOptions } from '../options.js';
import { below, type CommitResult, type PartitionsResult } from '../results.js';
import { type ProductRun, runProduct, writeJob } from '../run-product.js';
import { ratioOf, spreadOf } from '../spread.js';
import { quoteText, withDuckDB } from '../sql.js';
import { workPath } from '../work-folder.js';
import { commitAnswer } from './commit-request.js';

const PARTITIONS = 50;
const GOAL_RATIO = 1.15;
const COMMITTED_FILES = 10_000;
const COMMITTED_ROWS = 1000;
const GOAL_COMMIT_MS = 5000;
const GOAL_COMMIT_BYTES = 500_000_000;

/**
 * What dividing the rows into partitions costs: runs with the same output columns, with and without
 * `partitionBy`, in turns. The values alternate from row to row, so that every part has rows of each.
 * @throws WrongResultError
 */
export async function measurePartitions(
  model: BenchModel,
  data: Dataset,
  { threads, repeat }: BenchOptions,
  progress: (text: string) => void,
): Promise<PartitionsResult> {
  const write = (name: string, divided: boolean) =>
    writeJob({
      name: `partitions-${model.name}-${name}`,
      input: data.path,
      model: model.path,
      features: FEATURES,
      columns: ['id', 'ts'],
      treeKernel: model.treeKernel,
      bucket: { count: PARTITIONS, divided },
    });
  const jobs = { plain: await write('plain', false), divided: await write('divided', true) };
  const runs: Record<keyof typeof jobs, ProductRun[]> = { plain: [], divided: [] };
  for (let round = 1; round <= repeat; round++) {
    for (const kind of ['plain', 'divided'] as const) {
      progress(`partitions, ${model.name}: ${round} of ${repeat}: ${kind}`);
      runs[kind].push(await runProduct(jobs[kind], threads));
      await rm(jobs[kind].output, { recursive: true, force: true });
    }
  }
  const cpuSeconds = (kind: keyof typeof runs): number[] =>
    runs[kind].map(({ cpuMs }) => cpuMs / 1000);
  const wallSeconds = (kind: keyof typeof runs): number[] =>
    runs[kind].map(({ wallMs }) => wallMs / 1000);
  const cpuRatio = ratioOf(cpuSeconds('divided'), cpuSeconds('plain'));
  return {
    model: model.name,
    rows: data.rows,
    partitions: PARTITIONS,
    plain: { cpuSeconds: spreadOf(cpuSeconds('plain')), seconds: spreadOf(wallSeconds('plain')) },
    divided: {
      cpuSeconds: spreadOf(cpuSeconds('divided')),
      seconds: spreadOf(wallSeconds('divided')),
    },
    cpuRatio,
    ratio: ratioOf(wallSeconds('divided'), wallSeconds('plain')),
    goal: below(GOAL_RATIO, cpuRatio.median),
  };
}

/** One commit of very many files to a table, whose footers it reads. @throws WrongResultError */
export async function measureCommit(progress: (text: string) => void): Promise<CommitResult> {
  progress(`partitions: a commit of ${COMMITTED_FILES} files`);
  const script = new URL('./commit-process.js', import.meta.url);
  const seed = await workPath('commit-seed.parquet');
  await withDuckDB(1, (connection) =>
    connection.run(
      `COPY (SELECT i AS id, TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_seconds(i) AS ts, i / 1000 AS score
       FROM range(${COMMITTED_ROWS}) r(i)) TO ${quoteText(seed)} (FORMAT parquet, COMPRESSION zstd)`,
    ),
  );
  const request = { files: COMMITTED_FILES, partitions: PARTITIONS, seed, rows: COMMITTED_ROWS };
  const { answer } = await askProcess(script, request, commitAnswer, 1);
  return {
    ...answer,
    goals: {
      ms: below(GOAL_COMMIT_MS, answer.commit.ms),
      peakBytes: below(GOAL_COMMIT_BYTES, answer.peakBytes),
    },
  };
}
