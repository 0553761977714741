import { killAll } from './child-process.js';
import { compareModel } from './compare-model.js';
import { type Dataset, makeDataset, ROW_GROUP_ROWS } from './dataset.js';
import { describeEnvironment } from './environment.js';
import { measureEncoder } from './encoder/measure-encoder.js';
import { measureCommit, measurePartitions } from './partitions/measure-partitions.js';
import { measureProfile } from './profile/measure-profile.js';
import { measureStorage } from './storage/measure-storage.js';
import { measureShapes } from './shapes/measure-shapes.js';
import { measureTexts } from './texts/measure-texts.js';
import { UsageError, WrongResultError } from './errors.js';
import { measureDispatch } from './fleet/measure-dispatch.js';
import { measureFleet } from './fleet/measure-fleet.js';
import { measureShardOverhead } from './fleet/measure-shard-overhead.js';
import { measureImages } from './images/measure-images.js';
import { measureCliffs } from './measure-cliffs.js';
import { measureMemory, memoryGrowth } from './measure-memory.js';
import { measureSchedules } from './schedules/measure-schedules.js';
import { measurePlanner } from './measure-planner.js';
import { type BenchModel, makeModel } from './models.js';
import { type BenchOptions, parseOptions, USAGE } from './options.js';
import { reportText } from './report.js';
import { measureWide } from './wide/measure-wide.js';
import type {
  BenchResult,
  FleetResult,
  MemoryGrowth,
  MemoryResult,
  ModelResult,
  PartitionsResult,
  ProfileResult,
  StorageResult,
} from './results.js';

/**
 * `npm run bench`: exit code 0 when everything was measured, goals met or not; 1 when a program
 * failed or gave a wrong result; 2 when the command line is wrong.
 */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const result = await measure(options, (text) => process.stderr.write(`${text}\n`));
  process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : reportText(result));
  return result.failures.length === 0 ? 0 : 1;
}

/** Measurements of the generated dataset. */
const NEED_DATA = ['throughput', 'memory', 'storage', 'fleet', 'profile', 'partitions'] as const;

/** What fails does not take along what has been measured before, or comes after it. */
async function measure(
  options: BenchOptions,
  progress: (text: string) => void,
): Promise<BenchResult> {
  const environment = describeEnvironment(options);
  const { rows, compression, threads } = options;
  const failures: string[] = [];
  const attempt = async <T>(measurement: Promise<T>): Promise<T | undefined> => {
    try {
      return await measurement;
    } catch (error) {
      if (!(error instanceof WrongResultError)) throw error;
      failures.push(error.message);
      progress(`wrong: ${error.message}`);
      return undefined;
    }
  };

  const models = await Promise.all(options.models.map(makeModel));
  const needsData = NEED_DATA.some((name) => options[name]);
  if (needsData) progress(`dataset: ${rows} rows`);
  const data = needsData ? await makeDataset({ rows, compression, threads }) : undefined;
  const modelResults: ModelResult[] = [];
  if (data !== undefined && options.throughput) {
    for (const model of models) {
      const result = await attempt(compareModel(model, data, options, progress));
      if (result !== undefined) modelResults.push(result);
    }
  }
  const memory =
    data === undefined || !(options.throughput || options.memory)
      ? undefined
      : await attempt(memoryOf(models, data, options, progress));
  const wide = options.wide ? await attempt(measureWide(options, progress)) : undefined;
  const planner = options.planner ? await attempt(measurePlanner(options, progress)) : undefined;
  const cliffs = options.cliffs ? await attempt(measureCliffs(options, progress)) : undefined;
  const shapes = options.shapes ? await attempt(measureShapes(options, progress)) : undefined;
  const encoder = options.encoder ? await attempt(measureEncoder(options, progress)) : undefined;
  const texts = options.texts ? await attempt(measureTexts(options, progress)) : undefined;
  const images = options.images ? await attempt(measureImages(options, progress)) : undefined;
  const storage: StorageResult[] = [];
  for (const model of options.storage ? models : []) {
    if (data === undefined) break;
    const result = await attempt(measureStorage(model, data, options, progress));
    if (result !== undefined) storage.push(result);
  }
  const profile: ProfileResult[] = [];
  for (const model of options.profile ? models : []) {
    if (data === undefined) break;
    const result = await attempt(measureProfile(model, data, options, progress));
    if (result !== undefined) profile.push(result);
  }
  const partitions: PartitionsResult[] = [];
  for (const model of options.partitions ? models : []) {
    if (data === undefined) break;
    const result = await attempt(measurePartitions(model, data, options, progress));
    if (result !== undefined) partitions.push(result);
  }
  const commit = options.partitions ? await attempt(measureCommit(progress)) : undefined;
  const fleet: FleetResult[] = [];
  for (const model of options.fleet ? models : []) {
    if (data === undefined) break;
    const result = await attempt(measureFleet(model, data, options.repeat, progress));
    if (result !== undefined) fleet.push(result);
  }
  const shardOverhead = options.fleet ? await attempt(measureShardOverhead(progress)) : undefined;
  const dispatch = options.dispatch ? await attempt(measureDispatch(progress)) : undefined;
  const schedules = options.schedules ? await attempt(measureSchedules(progress)) : undefined;
  return {
    benchmark: 'shardmill',
    environment,
    ...(data !== undefined && { data: { ...data, description: DATA_DESCRIPTION } }),
    models: modelResults,
    ...(memory ?? NO_MEMORY),
    ...(wide !== undefined && { wide }),
    ...(planner !== undefined && { planner }),
    cliffs: cliffs ?? [],
    ...(encoder !== undefined && { encoder }),
    shapes: shapes ?? [],
    ...(texts !== undefined && { texts }),
    ...(images !== undefined && { images }),
    ...(options.storage && { storage }),
    ...(options.profile && { profile }),
    ...(options.partitions && { partitions }),
    ...(commit !== undefined && { commit }),
    ...(options.fleet && { fleet }),
    ...(shardOverhead !== undefined && { shardOverhead }),
    ...(dispatch !== undefined && { dispatch }),
    ...(schedules !== undefined && { schedules }),
    failures,
  };
}

const DATA_DESCRIPTION = `id BIGINT, name VARCHAR, ts TIMESTAMP, 30 features FLOAT (15 about normal, 15 uniform), row groups of ${ROW_GROUP_ROWS.toLocaleString('en')} rows`;

interface Memory {
  readonly memory: readonly MemoryResult[];
  readonly memoryGrowth: readonly MemoryGrowth[];
}

const NO_MEMORY: Memory = { memory: [], memoryGrowth: [] };
const LARGER = 4;

/** The trees take no more memory than the others, and much more time. */
async function memoryOf(
  models: readonly BenchModel[],
  data: Dataset,
  options: BenchOptions,
  progress: (text: string) => void,
): Promise<Memory> {
  if (process.platform !== 'linux') {
    progress('memory: not measured, since it is read from /proc');
    return NO_MEMORY;
  }
  const { compression, threads } = options;
  const memory: MemoryResult[] = [];
  const growth: MemoryGrowth[] = [];
  for (const model of models.filter(({ name }) => name === 'lr' || name === 'mlp')) {
    progress(`${model.name}: memory`);
    const result = await measureMemory(model, data, threads);
    memory.push(result);
    if (!options.memory) continue;
    progress(`${model.name}: memory for ${LARGER} times the rows`);
    const larger = await makeDataset({ rows: LARGER * data.rows, compression, threads });
    const largerResult = await measureMemory(model, larger, threads);
    memory.push(largerResult);
    growth.push(memoryGrowth(result, largerResult));
  }
  return { memory, memoryGrowth: growth };
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    killAll();
    process.exit(130);
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  killAll();
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    process.exitCode = 2;
  } else {
    process.stderr.write(`${detail(error)}\n`);
    process.exitCode = 1;
  }
}

function detail(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
