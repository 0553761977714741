import { FEATURES, makePlannerFolder } from './dataset.js';
import { WrongResultError } from './errors.js';
import { makeSmallModel } from './models.js';
import type { BenchOptions } from './options.js';
import type { PlannerResult } from './results.js';
import { planProduct, type ProductPlan, writeJob } from './run-product.js';
import { spreadOf } from './spread.js';
import type { TreePeaks } from './process-memory.js';

const FILES = 10_000;
const ROW_GROUPS_PER_FILE = 10;

/** Plans 100,000 row groups in 10,000 files, scoring nothing. @throws WrongResultError */
export async function measurePlanner(
  { repeat, threads }: BenchOptions,
  progress: (text: string) => void,
): Promise<PlannerResult> {
  progress(`planner: making ${FILES} files`);
  const folder = await makePlannerFolder(FILES, ROW_GROUPS_PER_FILE);
  const model = await makeSmallModel(FEATURES.length);
  const common = { model, features: FEATURES, columns: ['id', 'name', 'ts'] };
  const job = await writeJob({ ...common, name: 'bench-planner', input: folder.path });
  const oneFileJob = await writeJob({
    ...common,
    name: 'bench-planner-one',
    input: `${folder.path}/data-000000.parquet`,
  });

  const oneFile = await planProduct(oneFileJob, threads);
  const plans: ProductPlan[] = [];
  for (let round = 1; round <= repeat; round++) {
    progress(`planner: ${round} of ${repeat}`);
    plans.push(await planProduct(job, threads));
  }
  progress('planner: memory');
  const oneFilePeaks = peaksOf(await planProduct(oneFileJob, threads, true));
  const watched = await planProduct(job, threads, true);
  const peaks = peaksOf(watched);
  const { totals } = watched;
  if (totals.files !== FILES || totals.rowGroups !== FILES * ROW_GROUPS_PER_FILE) {
    throw new WrongResultError(`the plan has other files or row groups: ${JSON.stringify(totals)}`);
  }
  return {
    files: totals.files,
    rowGroups: totals.rowGroups,
    datasetBytes: folder.bytes,
    wallMs: spreadOf(plans.map((plan) => plan.wallMs)),
    oneFileWallMs: oneFile.wallMs,
    peaks,
    readBytes: peaks.readBytes - oneFilePeaks.readBytes,
    shards: totals.shards,
    parts: totals.parts,
  };
}

function peaksOf({ peaks }: ProductPlan): TreePeaks {
  if (peaks === undefined) throw new TypeError('the plan was not watched');
  return peaks;
}
