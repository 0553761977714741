import { copyFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Dataset, FEATURES } from '../dataset.js';
import { WrongResultError } from '../errors.js';
import { type BenchModel, makeChallenger } from '../models.js';
import type { BenchOptions } from '../options.js';
import { below, type ProfileResult } from '../results.js';
import { type ProductJob, type ProductRun, runProduct, writeJob } from '../run-product.js';
import { ratioOf, spreadOf } from '../spread.js';
import { workPath } from '../work-folder.js';

/** Of the processor time without a profile of features. */
const GOAL_RATIO = { lr: 1.05, others: 1.02 };
/** Of the processor time without a challenger, its inference left out. */
const CHALLENGED_GOAL = 1.05;

const KINDS = ['without', 'sample', 'all', 'checked', 'challenged', 'challenger'] as const;
type Kind = (typeof KINDS)[number];

/**
 * What is added to a run, in processor time of whole processes, in turns: a profile of all 30 features, of a
 * sample of the rows or of all; that of a sample with checks and drift; and a challenger, which costs next to
 * nothing by itself, beside the model and in a run of its own. Outputs always have a profile.
 * @throws WrongResultError
 */
export async function measureProfile(
  model: BenchModel,
  data: Dataset,
  { threads, repeat }: BenchOptions,
  progress: (text: string) => void,
): Promise<ProfileResult> {
  const jobs = await writeJobs(model, data);
  const runs = new Map<Kind, ProductRun[]>();
  const baseline = await baselineOf(model);
  progress(`profile, ${model.name}: the baseline`);
  await runProduct(jobs.sample, threads);
  await keepProfile(jobs.sample, baseline);
  for (let round = 1; round <= repeat; round++) {
    for (const kind of KINDS) {
      progress(`profile, ${model.name}: ${round} of ${repeat}: ${kind}`);
      runs.set(kind, [...(runs.get(kind) ?? []), await runProduct(jobs[kind], threads)]);
      await rm(jobs[kind].output, { recursive: true, force: true });
    }
  }
  const cpuSeconds = (kind: Kind): number[] =>
    (runs.get(kind) ?? []).map(({ cpuMs }) => cpuMs / 1000);
  // Calls of its model are in the lanes' threads, which do nothing else meanwhile.
  const inference = (runs.get('challenged') ?? []).map(({ seconds }) => seconds.challengers ?? 0);
  const besides = cpuSeconds('challenged').map((all, index) => all - (inference[index] ?? 0));
  const besidesRatio = ratioOf(besides, cpuSeconds('without'));
  const ratio = (kind: Kind): ProfileResult['ratio'] =>
    ratioOf(cpuSeconds(kind), cpuSeconds('without'));
  const goal = model.name === 'lr' ? GOAL_RATIO.lr : GOAL_RATIO.others;
  return {
    model: model.name,
    rows: data.rows,
    withoutCpuSeconds: spreadOf(cpuSeconds('without')),
    sampleCpuSeconds: spreadOf(cpuSeconds('sample')),
    allCpuSeconds: spreadOf(cpuSeconds('all')),
    ratio: ratio('sample'),
    ratioOfAllRows: ratio('all'),
    checkedCpuSeconds: spreadOf(cpuSeconds('checked')),
    checkedRatio: ratio('checked'),
    goal: below(goal, ratio('checked').median),
    challengedCpuSeconds: spreadOf(cpuSeconds('challenged')),
    challengerCpuSeconds: spreadOf(cpuSeconds('challenger')),
    challengedRatio: ratio('challenged'),
    challengerInferenceSeconds: spreadOf(inference),
    challengedBesidesRatio: besidesRatio,
    challengedGoal: below(CHALLENGED_GOAL, besidesRatio.median),
  };
}

async function writeJobs(model: BenchModel, data: Dataset): Promise<Record<Kind, ProductJob>> {
  const challenger = await makeChallenger();
  const sample = { features: true, rows: 'sample' } as const;
  const none = { ...sample, features: false };
  const write = (name: Kind, profile: typeof sample | typeof none, change: Change = {}) =>
    writeJob({
      name: `profile-${model.name}-${name}`,
      input: data.path,
      model: change.model ?? model.path,
      features: FEATURES,
      columns: ['id'],
      treeKernel: model.treeKernel,
      profile: { ...profile, rows: change.rows ?? 'sample' },
      more: change.more,
    });
  const checked = { checks: CHECKS, drift: { baseline: await baselineOf(model) } };
  const challengers = [{ name: 'next', model: { uri: challenger } }];
  return {
    without: await write('without', none),
    sample: await write('sample', sample),
    all: await write('all', sample, { rows: 'all' }),
    checked: await write('checked', sample, { more: checked }),
    challenged: await write('challenged', none, { more: { challengers } }),
    challenger: await write('challenger', none, { model: challenger }),
  };
}

interface Change {
  readonly model?: string;
  readonly rows?: 'all';
  readonly more?: Readonly<Record<string, unknown>>;
}

/** One of each kind that reads the profile, with bounds that all data lie in. */
const CHECKS = [
  { name: 'enough-rows', kind: 'rowCount', min: 1 },
  { name: 'scores', kind: 'range', column: 'score', min: -1e9, max: 1e9 },
  { name: 'no-nulls', kind: 'nulls', feature: 'f0', max: '1%' },
  { name: 'mean', kind: 'range', feature: 'f1', of: 'mean', min: -1e9, max: 1e9 },
  { name: 'few-rejected', kind: 'rejected', max: '1%' },
];

const baselineOf = ({ name }: BenchModel): Promise<string> =>
  workPath('jobs', `baseline-${name}.json`);

/** Copies the profile of a run. @throws WrongResultError where it has none */
async function keepProfile({ output }: ProductJob, target: string): Promise<void> {
  const folder = path.join(output, '_shardmill');
  const [run] = await readdir(folder);
  if (run === undefined) throw new WrongResultError(`${folder}: expected a run`);
  await copyFile(path.join(folder, run, 'profile.json'), target);
}
