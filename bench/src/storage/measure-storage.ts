import { readFile, writeFile } from 'node:fs/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { startS3Server } from '@shardmill/test-kit';
import { z } from 'zod';
import { howEnded, runNode } from '../child-process.js';
import { type Dataset, FEATURES } from '../dataset.js';
import { WrongResultError } from '../errors.js';
import type { BenchModel } from '../models.js';
import type { BenchOptions } from '../options.js';
import { atLeast, type StorageResult } from '../results.js';
import { runProduct, writeJob } from '../run-product.js';
import { ratioOf, spreadOf } from '../spread.js';
import { SHARDMILL, workPath } from '../work-folder.js';
import { startLatencyRelay } from './latency-relay.js';

const BUCKET = 'bench';
const LATENCY_MS = 20;
const GOAL_LOCAL = 0.8;
const GOAL_LATENCY = 0.9;
const COLUMNS = ['id', 'name', 'ts'];

/**
 * One run from S3 to S3 on loopback next to one from file to file, and next to one for which every
 * answer of the store is late by 20 ms; in turns. @throws WrongResultError
 */
export async function measureStorage(
  model: BenchModel,
  data: Dataset,
  { repeat, threads }: Pick<BenchOptions, 'repeat' | 'threads'>,
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
    const local = await writeJob({
      name: `bench-storage-${model.name}`,
      input: data.path,
      model: model.path,
      features: FEATURES,
      columns: COLUMNS,
    });
    const remote = await writeRemoteJob(
      await upload(data.path, 'in/data.parquet'),
      await upload(model.path, 'model.onnx'),
    );
    const env = {
      ...s3.env,
      AWS_ENDPOINT_URL_S3: relay.endpoint,
      SHARDMILL_CACHE_FOLDER: await workPath('cache', 'storage'),
    };
    const localMs: number[] = [];
    const remoteMs: number[] = [];
    const lateMs: number[] = [];
    for (let round = 1; round <= repeat; round++) {
      progress(`storage: ${round} of ${repeat}`);
      localMs.push((await runProduct(local, threads)).wallMs);
      for (const [delay, times] of [
        [0, remoteMs],
        [LATENCY_MS, lateMs],
      ] as const) {
        relay.setDelay(delay);
        const output = `s3://${BUCKET}/out-${round}-${delay}`;
        times.push(await timedRemote(remote, output, env, data.rows, threads));
      }
    }
    const rates = (times: readonly number[]): number[] =>
      times.map((ms) => (data.rows / ms) * 1000);
    const toLocal = ratioOf(rates(remoteMs), rates(localMs));
    const withLatency = ratioOf(rates(lateMs), rates(remoteMs));
    return {
      model: model.name,
      rows: data.rows,
      latencyMs: LATENCY_MS,
      localMs: spreadOf(localMs),
      remoteMs: spreadOf(remoteMs),
      lateMs: spreadOf(lateMs),
      toLocal: { ratio: toLocal, goal: atLeast(GOAL_LOCAL, toLocal.median) },
      withLatency: { ratio: withLatency, goal: atLeast(GOAL_LATENCY, withLatency.median) },
    };
  } finally {
    await relay.close();
    await s3.close();
  }
}

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

/** @returns milliseconds of the whole process. */
async function timedRemote(
  job: string,
  output: string,
  env: Readonly<Record<string, string | undefined>>,
  rows: number,
  cores: number,
): Promise<number> {
  Object.assign(process.env, env);
  const ended = await runNode(SHARDMILL, ['run', job, '--output', output, '--json', '--quiet'], {
    cores,
  });
  if (ended.code !== 0) throw new WrongResultError(`the run from S3 ended with ${howEnded(ended)}`);
  const { scored } = summary.parse(JSON.parse(ended.stdout)).rows;
  if (scored !== rows) throw new WrongResultError(`${scored} rows from S3, expected ${rows}`);
  return ended.wallMs;
}
