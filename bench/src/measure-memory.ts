import { rm } from 'node:fs/promises';
import { checkResult } from './check-result.js';
import { productJob } from './compare-model.js';
import type { Dataset } from './dataset.js';
import type { BenchModel } from './models.js';
import { below, type MemoryGrowth, type MemoryResult } from './results.js';
import { runProduct } from './run-product.js';
import { WrongResultError } from './errors.js';

/** Goals; the first is for two cores. */
const GOAL_BYTES = 700e6;
const GOAL_CORES = 2;
const GOAL_GROWTH = 1.15;

/** Runs a job once to see what memory its processes take. @throws WrongResultError */
export async function measureMemory(
  model: BenchModel,
  data: Dataset,
  threads: number,
): Promise<MemoryResult> {
  const job = await productJob(model, data);
  const { peaks } = await runProduct(job, threads, true);
  if (peaks === undefined || peaks.samples === 0) {
    throw new WrongResultError(`${model.name}: the run was over before its memory was looked at`);
  }
  await checkResult({ name: 'shardmill', files: `${job.output}/*.parquet`, data, model }, threads);
  await rm(job.output, { recursive: true, force: true });
  return {
    model: model.name,
    rows: data.rows,
    peaks,
    ...(threads === GOAL_CORES && { goal: below(GOAL_BYTES, peaks.pssBytes) }),
  };
}

/** Compares the memory for a dataset with that for a larger one. */
export function memoryGrowth(smaller: MemoryResult, larger: MemoryResult): MemoryGrowth {
  const pss = larger.peaks.pssBytes / smaller.peaks.pssBytes;
  return {
    model: smaller.model,
    rss: larger.peaks.rssBytes / smaller.peaks.rssBytes,
    pss,
    goal: below(GOAL_GROWTH, pss),
  };
}
