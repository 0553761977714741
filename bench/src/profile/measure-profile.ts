import { rm } from 'node:fs/promises';
import { type Dataset, FEATURES } from '../dataset.js';
import type { BenchModel } from '../models.js';
import type { BenchOptions } from '../options.js';
import { below, type ProfileResult } from '../results.js';
import { type ProductRun, runProduct, writeJob } from '../run-product.js';
import { ratioOf, spreadOf } from '../spread.js';

/** Of the processor time without a profile of features. */
const GOAL_RATIO = { lr: 1.05, others: 1.02 };

/**
 * What a profile of all 30 features costs, in processor time of whole processes: runs without one, with
 * one of a sample of the rows, and with one of all rows, in turns. Outputs always have a profile, so
 * that all three have it. @throws WrongResultError
 */
export async function measureProfile(
  model: BenchModel,
  data: Dataset,
  { threads, repeat }: BenchOptions,
  progress: (text: string) => void,
): Promise<ProfileResult> {
  const write = async (name: string, profile: { features: boolean; rows: 'sample' | 'all' }) =>
    writeJob({
      name: `profile-${model.name}-${name}`,
      input: data.path,
      model: model.path,
      features: FEATURES,
      columns: ['id'],
      treeKernel: model.treeKernel,
      profile,
    });
  const jobs = {
    without: await write('without', { features: false, rows: 'sample' }),
    sample: await write('sample', { features: true, rows: 'sample' }),
    all: await write('all', { features: true, rows: 'all' }),
  };
  const runs: Record<keyof typeof jobs, ProductRun[]> = { without: [], sample: [], all: [] };
  const kinds = ['without', 'sample', 'all'] as const;
  for (let round = 1; round <= repeat; round++) {
    for (const kind of kinds) {
      progress(`profile, ${model.name}: ${round} of ${repeat}: ${kind}`);
      runs[kind].push(await runProduct(jobs[kind], threads));
      await rm(jobs[kind].output, { recursive: true, force: true });
    }
  }
  const cpuSeconds = (kind: keyof typeof runs): number[] =>
    runs[kind].map(({ cpuMs }) => cpuMs / 1000);
  const ratio = ratioOf(cpuSeconds('sample'), cpuSeconds('without'));
  const goal = model.name === 'lr' ? GOAL_RATIO.lr : GOAL_RATIO.others;
  return {
    model: model.name,
    rows: data.rows,
    withoutCpuSeconds: spreadOf(cpuSeconds('without')),
    sampleCpuSeconds: spreadOf(cpuSeconds('sample')),
    allCpuSeconds: spreadOf(cpuSeconds('all')),
    ratio,
    ratioOfAllRows: ratioOf(cpuSeconds('all'), cpuSeconds('without')),
    goal: below(goal, ratio.median),
  };
}
