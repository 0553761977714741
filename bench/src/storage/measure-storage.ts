import { readFile, writeFile } from 'node:fs/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { startS3Server } from '@shardmill/test-kit';
import { z } from 'zod';
import { findPython, runPyarrow } from '../baseline-pyarrow.js';
import { type FinishedProcess, howEnded, runNode } from '../child-process.js';
import { type Dataset, FEATURES } from '../dataset.js';
import { WrongResultError } from '../errors.js';
import type { BenchModel } from '../models.js';
import type { BenchOptions } from '../options.js';
import { atLeast, type RatioToGoal, type StorageResult, type StorageRuns } from '../results.js';
import { runProduct, writeJob } from '../run-product.js';
import { ratioOf, spreadOf } from '../spread.js';
import { SHARDMILL, workPath } from '../work-folder.js';
import { startLatencyRelay } from './latency-relay.js';

const BUCKET = 'bench';
const LATENCY_MS = 20;
const GOAL_LOCAL = 0.8;
const GOAL_LOOP = 1.3;
const GOAL_LATENCY = 0.9;
const COLUMNS = ['id', 'name', 'ts'];

/**
 * One run from S3 to S3 on loopback next to one from file to file, to one of a plain pyarrow loop over S3, and to ones
 * through a relay that passes the store's answers on at once, or 20 ms late; in turns. @throws WrongResultError
 */
export async function measureStorage(
  model: BenchModel,
  data: Dataset,
  { repeat, threads, python }: Pick<BenchOptions, 'repeat' | 'threads' | 'python'>,
  progress: (text: string) => void,
): Promise<StorageResult> {
  const s3 = await startS3Server();
  const relay = await startLatencyRelay(s3.endpoint);
  try {
    await s3.createBucket(BUCKET);
    const upload = async (file: string, key: string): Promise<string> => {
      const Body = await readFile(file);
      await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body }));
      return `s3://${BUCKET}/${key}`;
    };
    const localJob = await writeJob({
      name: `bench-storage-${model.name}`,
      input: data.path,
      model: model.path,
      features: FEATURES,
      columns: COLUMNS,
    });
    const remoteData = await upload(data.path, 'in/data.parquet');
    const job = await writeRemoteJob(remoteData, await upload(model.path, 'model.onnx'));
    Object.assign(process.env, s3.env, {
      SHARDMILL_CACHE_FOLDER: await workPath('cache', 'storage'),
    });
    const remoteRun = async (endpoint: string, folder: string): Promise<FinishedProcess> => {
      process.env['AWS_ENDPOINT_URL_S3'] = endpoint;
      try {
        return await runRemote(job, `s3://${BUCKET}/${folder}`, data.rows, threads);
      } finally {
        process.env['AWS_ENDPOINT_URL_S3'] = s3.endpoint;
      }
    };
    const found = findPython(python);
    if (found.program === undefined) progress(`storage: without the loop: ${found.why}`);
    const runs: Record<'local' | 'remote' | 'loop' | 'relayed' | 'late', RunCost[]> = {
      local: [],
      remote: [],
      loop: [],
      relayed: [],
      late: [],
    };
    for (let round = 1; round <= repeat; round++) {
      progress(`storage: ${round} of ${repeat}`);
      runs.local.push(await runProduct(localJob, threads));
      runs.remote.push(await remoteRun(s3.endpoint, `out-${round}`));
      if (found.program !== undefined) {
        const single = { features: FEATURES, columns: COLUMNS, processes: 1, threads };
        const request = { data: remoteData, model: model.path, ...single };
        const prefix = `s3://${BUCKET}/loop-${round}`;
        runs.loop.push(await runPyarrow(found.program, request, threads, prefix));
      }
      relay.setDelay(0);
      runs.relayed.push(await remoteRun(relay.endpoint, `relayed-${round}`));
      relay.setDelay(LATENCY_MS);
      runs.late.push(await remoteRun(relay.endpoint, `late-${round}`));
    }
    const compare = (of: readonly RunCost[], to: readonly RunCost[], goal: number): RatioToGoal => {
      const rates = (all: readonly RunCost[]): number[] =>
        all.map(({ wallMs }) => (data.rows / wallMs) * 1000);
      const ratio = ratioOf(rates(of), rates(to));
      return { ratio, goal: atLeast(goal, ratio.median) };
    };
    return {
      model: model.name,
      rows: data.rows,
      latencyMs: LATENCY_MS,
      local: spreads(runs.local),
      remote: spreads(runs.remote),
      relayedMs: spreads(runs.relayed).wallMs,
      lateMs: spreads(runs.late).wallMs,
      toLocal: compare(runs.remote, runs.local, GOAL_LOCAL),
      withLatency: compare(runs.late, runs.relayed, GOAL_LATENCY),
      ...(runs.loop.length > 0 && {
        loop: spreads(runs.loop),
        toLoop: compare(runs.remote, runs.loop, GOAL_LOOP),
      }),
    };
  } finally {
    await relay.close();
    await s3.close();
  }
}

type RunCost = Pick<FinishedProcess, 'wallMs' | 'cpuMs' | 'othersMs'>;

const spreads = (runs: readonly RunCost[]): StorageRuns => ({
  wallMs: spreadOf(runs.map(({ wallMs }) => wallMs)),
  cpuMs: spreadOf(runs.map(({ cpuMs }) => cpuMs)),
  othersMs: spreadOf(runs.map(({ othersMs }) => othersMs)),
});

async function writeRemoteJob(input: string, model: string): Promise<string> {
  const file = await workPath('jobs', 'bench-storage-s3', 'job.json');
  const definition = {
    name: 'bench-storage-s3',
    input: { uri: input },
    model: { uri: model },
    features: { features: FEATURES },
    output: {
      uri: `s3://${BUCKET}/out`,
      columns: Object.fromEntries([...COLUMNS, 'score'].map((column) => [column, column])),
    },
  };
  await writeFile(file, JSON.stringify(definition, null, 2));
  return file;
}

const summary = z.object({ rows: z.object({ scored: z.number() }) });

/** @throws WrongResultError */
async function runRemote(
  job: string,
  output: string,
  rows: number,
  cores: number,
): Promise<FinishedProcess> {
  const ended = await runNode(SHARDMILL, ['run', job, '--output', output, '--json', '--quiet'], {
    cores,
  });
  if (ended.code !== 0) throw new WrongResultError(`the run from S3 ended with ${howEnded(ended)}`);
  const { scored } = summary.parse(JSON.parse(ended.stdout)).rows;
  if (scored !== rows) throw new WrongResultError(`${scored} rows from S3, expected ${rows}`);
  return ended;
}
