import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { howEnded, runNode } from './child-process.js';
import { WrongResultError } from './errors.js';
import { type TreePeaks, watchProcessTree } from './process-memory.js';
import { SHARDMILL, workPath } from './work-folder.js';

/** A job for the program under measurement. */
export interface ProductJob {
  /** The path of its definition. */
  readonly file: string;
  /** The folder of its results. */
  readonly output: string;
}

/** Options of {@link writeJob}. */
export interface JobOptions {
  /** Lower-case letters, digits and `-`. */
  readonly name: string;
  /** A Parquet file or folder. */
  readonly input: string;
  readonly model: string;
  /** The columns that fill the model's `features`. */
  readonly features: readonly string[];
  /** Input columns to hand on, before the score. */
  readonly columns: readonly string[];
  /** `resources.treeKernel`; the default where left out. */
  readonly treeKernel?: 'off' | undefined;
  /** `plan.partRows`; the default where left out. */
  readonly partRows?: number | undefined;
  /** A column `bucket` of so many values, which alternate from row to row; whether it divides the output. */
  readonly bucket?: { readonly count: number; readonly divided: boolean } | undefined;
  /** The job's `profile`; the default where left out. */
  readonly profile?: { readonly features: boolean; readonly rows: 'sample' | 'all' } | undefined;
  /** Other keys of the job. */
  readonly more?: Readonly<Record<string, unknown>> | undefined;
}

/** Writes a job definition with defaults for all that a user need not say. */
export async function writeJob(options: JobOptions): Promise<ProductJob> {
  const { name, input, model, features, columns, treeKernel, partRows, profile, bucket, more } =
    options;
  const file = await workPath('jobs', name, 'job.json');
  const output = await workPath('out', name);
  const definition = {
    name,
    input: { uri: input },
    model: { uri: model },
    features: { features },
    ...(partRows !== undefined && { plan: { partRows } }),
    ...(profile !== undefined && { profile }),
    ...more,
    ...(treeKernel !== undefined && { resources: { treeKernel } }),
    output: {
      uri: output,
      ...(bucket?.divided === true && { partitionBy: ['bucket'] }),
      columns: {
        ...Object.fromEntries([...columns, 'score'].map((column) => [column, column])),
        ...(bucket !== undefined && { bucket: `id % ${bucket.count}` }),
      },
    },
  };
  await writeFile(file, `${JSON.stringify(definition, null, 2)}\n`);
  return { file, output };
}

/** One run of the program. */
export interface ProductRun {
  /** The whole process, from before its start to its end. */
  readonly wallMs: number;
  /** What the run itself says, from planning to the last shard: no start-up, no exit. */
  readonly elapsedMs: number;
  readonly cpuMs: number;
  /** Of the rest of the machine meanwhile. */
  readonly othersMs: number;
  readonly parts: number;
  /** By step, what all parts took together, as the manifest has it. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Undefined where they were not asked for. */
  readonly peaks: TreePeaks | undefined;
}

const runDocument = z.object({
  elapsedMs: z.number(),
  parts: z.number(),
  resumed: z.boolean(),
  manifest: z.string(),
});
const manifest = z.object({ seconds: z.record(z.string(), z.number()) });

/**
 * Runs `shardmill run JOB --json --quiet` as a process of its own, into an empty folder.
 * @param watch whether to sample its memory, which costs it some speed.
 * @throws WrongResultError
 */
export async function runProduct(
  job: ProductJob,
  cores: number,
  watch = false,
): Promise<ProductRun> {
  await rm(job.output, { recursive: true, force: true });
  const { document, ended, peaks } = await runShardmill(['run', job.file], cores, watch);
  const { elapsedMs, parts, resumed, manifest: file } = runDocument.parse(document);
  if (resumed || !existsSync(path.join(job.output, '_SUCCESS'))) {
    throw new WrongResultError(`${job.file}: expected a complete run with _SUCCESS`);
  }
  const { wallMs, cpuMs, othersMs } = ended;
  const { seconds } = manifest.parse(JSON.parse(await readFile(file, 'utf8')));
  return { wallMs, cpuMs, othersMs, elapsedMs, parts, seconds, peaks };
}

/** One planning of a job, which scores nothing. */
export interface ProductPlan {
  readonly wallMs: number;
  readonly totals: z.infer<typeof planDocument>['totals'];
  readonly partSize: z.infer<typeof planDocument>['partSize'];
  readonly peaks: TreePeaks | undefined;
}

const planDocument = z.object({
  totals: z.object({
    files: z.number(),
    rowGroups: z.number(),
    rows: z.number(),
    shards: z.number(),
    parts: z.number(),
  }),
  partSize: z.object({ rows: z.number() }),
});

/** Runs `shardmill plan JOB --json`. @throws WrongResultError */
export async function planProduct(
  job: ProductJob,
  cores: number,
  watch = false,
): Promise<ProductPlan> {
  const { document, ended, peaks } = await runShardmill(['plan', job.file], cores, watch);
  const { totals, partSize } = planDocument.parse(document);
  return { wallMs: ended.wallMs, totals, partSize, peaks };
}

/** Sizes of calls that other days found would decide the result: what this process learns alone is used. */
let cacheFolder: Promise<string> | undefined;

async function emptyCacheFolder(): Promise<string> {
  const folder = await workPath('cache', 'product');
  await rm(folder, { recursive: true, force: true });
  return folder;
}

async function runShardmill(command: readonly [string, string], cores: number, watch: boolean) {
  let stopWatching: (() => TreePeaks) | undefined;
  const quiet = command[0] === 'run' ? ['--quiet'] : [];
  cacheFolder ??= emptyCacheFolder();
  const ended = await runNode(SHARDMILL, [...command, '--json', ...quiet], {
    cores,
    env: { SHARDMILL_CACHE_FOLDER: await cacheFolder },
    onStart: (pid) => {
      if (watch) stopWatching = watchProcessTree(pid);
    },
  }).finally(() => stopWatching?.());
  if (ended.code !== 0) {
    throw new WrongResultError(`shardmill ${command.join(' ')} ended with ${howEnded(ended)}`);
  }
  const document: unknown = JSON.parse(ended.stdout);
  return { document, ended, peaks: stopWatching?.() };
}
