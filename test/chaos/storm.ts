import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import {
  createRandom,
  type RedisServer,
  S3_FAULTS,
  type S3FaultProxy,
  type S3FaultRates,
} from '@shardmill/test-kit';
import type { Ended } from '../support/command.js';
import type { Workplace } from '../support/workplace.js';
import { checkRun } from './check-run.js';
import { expectedScore, type StormDataset, stormJob } from './dataset.js';
import { Fleet } from './fleet.js';
import { ProcessFaults } from './process-faults.js';

export interface StormOptions {
  readonly seed: number;
  /** Harm goes on for at least this long. */
  readonly seconds: number;
  /** A run must end this soon after harm has stopped. */
  readonly calmSeconds: number;
  readonly place: Workplace;
  readonly bucket: string;
  readonly dataset: StormDataset;
  readonly redis: RedisServer;
  /** Past the proxy. */
  readonly client: S3Client;
  readonly proxy: S3FaultProxy;
  /** Beyond the default lock time of a shard. */
  readonly frozenMs: number;
  readonly log: (line: string) => void;
}

export interface StormReport {
  readonly runs: number;
  /** How often each fault happened. */
  readonly fired: ReadonlyMap<string, number>;
  /** What was wrong with the results; nothing where all is well. */
  readonly faults: readonly string[];
}

const FLAKY: S3FaultRates = Object.fromEntries(S3_FAULTS.map((fault) => [fault, 0.02]));
const CALM: S3FaultRates = Object.fromEntries(S3_FAULTS.map((fault) => [fault, 0]));

/**
 * Scores the dataset again and again with four workers and two schedulers while processes are
 * killed and frozen, Redis is restarted and emptied and the store answers falsely, then lets the
 * last run end in peace, and checks every result.
 */
export async function storm(options: StormOptions): Promise<StormReport> {
  const { place, bucket, dataset, redis, proxy, client, log } = options;
  const random = createRandom(options.seed);
  await place.writeJob(stormJob(bucket));
  const fleet = new Fleet(4, 2, place.path());
  const driver = new ProcessFaults({
    fleet,
    random,
    frozenMs: options.frozenMs,
    pauseMs: { least: 500, most: 2500 },
    redis: { restart: () => redis.restart(), flushAll: () => redis.flushAll() },
  });
  const faults: string[] = [];
  const stop = new AbortController();
  let runs = 0;
  try {
    fleet.start();
    proxy.setFaults(FLAKY);
    const driving = driver.drive(stop.signal);
    const end = Date.now() + options.seconds * 1000;
    const calm = (): boolean =>
      Date.now() > end && driver.bag.missing.length === 0 && missingOf(proxy).length === 0;
    while (runs === 0 || !calm()) {
      const output = `out-${runs}`;
      await submit(options, output);
      let calmSince: number | undefined;
      let planRun: string | undefined;
      while ((planRun = await successOf(client, bucket, output)) === undefined) {
        await sleep(200);
        if (calmSince === undefined && calm()) {
          stop.abort();
          await driving;
          proxy.setFaults(CALM);
          calmSince = Date.now();
        }
        const late = calmSince !== undefined && Date.now() - calmSince > options.calmSeconds * 1000;
        const never = Date.now() - end > 120_000 + options.seconds * 1000;
        if (late || never) {
          throw new Error(
            `run ${runs} did not end${late ? ` within ${options.calmSeconds} s of peace` : ''}; faults that never fired: ${[...driver.bag.missing, ...missingOf(proxy)].join(', ') || 'none'}; what the processes said: ${await keep(fleet.output)}`,
          );
        }
      }
      const expected = { bucket, prefix: output, planRun, ...dataset, score: expectedScore };
      const found = await checkRun(client, expected);
      log(`run ${runs} (${planRun}): ${found.length === 0 ? 'every row once' : found.join('; ')}`);
      faults.push(...found.map((fault) => `run ${runs}: ${fault}`));
      runs++;
    }
    if (!stop.signal.aborted) {
      stop.abort();
      await driving;
    }
    faults.push(...fleet.crashes.map((crash) => `a process crashed: ${crash}`));
    if (faults.length > 0) log(`what the processes said: ${await keep(fleet.output)}`);
    const fired = new Map<string, number>([...driver.bag.fired, ...proxyCounts(proxy)]);
    return { runs, fired, faults };
  } finally {
    stop.abort();
    await fleet.close();
  }
}

/** @returns the path of a file with the text, which stays. */
async function keep(text: string): Promise<string> {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'shardmill-storm-')), 'fleet.log');
  await writeFile(file, text);
  return file;
}

/** The same key each time: a submission whose answer was lost is asked for once more. */
async function submit({ place, bucket }: StormOptions, output: string): Promise<void> {
  const uri = `s3://${bucket}/${output}/`;
  let ended: Ended | undefined;
  for (let attempt = 0; attempt < 20; attempt++) {
    ended = await place.shardmill('submit', 'job.json', '--output', uri, '--run-key', output);
    if (ended.code === 0) return;
    await sleep(500);
  }
  throw new Error(`cannot submit: ${ended?.stdout} ${ended?.stderr}`);
}

/** The run that `_SUCCESS` names, once it is there. */
async function successOf(
  client: S3Client,
  bucket: string,
  output: string,
): Promise<string | undefined> {
  try {
    const key = `${output}/_SUCCESS`;
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const success = JSON.parse((await answer.Body?.transformToString()) ?? '') as { runId: string };
    return success.runId;
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
    throw error;
  }
}

function proxyCounts(proxy: S3FaultProxy): [string, number][] {
  return Object.entries(proxy.counts()).map(([kind, count]) => [`s3: ${kind}`, count]);
}

function missingOf(proxy: S3FaultProxy): string[] {
  return proxyCounts(proxy).flatMap(([kind, count]) => (count === 0 ? [kind] : []));
}
