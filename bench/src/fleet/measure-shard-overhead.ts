import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { newRunId, parseDurationMs, Stores } from '@shardmill/core';
import { parseJob } from '@shardmill/core/schemas';
import { type FleetEvents, FleetRedis, type ShardMessage } from '@shardmill/queue';
import { beginRun, makePlan, startRun } from '@shardmill/scheduler';
import { EngineProcess } from '@shardmill/worker';
import { makeDataset } from '../dataset.js';
import { makeSmallModel } from '../models.js';
import { below, type ShardOverhead } from '../results.js';
import { SHARDMILL, workPath } from '../work-folder.js';
import { BUCKET, type FleetServers, startFleetServers } from './fleet-servers.js';

const SHARDS = 200;
/** The first ones open the engine and the model. */
const WARM_UP = 10;
const ROWS = 10;
const FEATURES = ['f0', 'f1', 'f2'];

/**
 * Gives one worker process one shard after another, of ten rows and a logistic regression each,
 * with S3 and Redis on loopback.
 */
export async function measureShardOverhead(
  progress: (text: string) => void,
): Promise<ShardOverhead> {
  progress('shard overhead');
  const servers = await startFleetServers(await workPath('cache', 'overhead'));
  Object.assign(process.env, servers.env);
  const stores = new Stores();
  const redis = await FleetRedis.open({ url: servers.redis.url });
  const args = ['worker', '--engines', '1', '--lanes', '1', '--memory-limit', '2GiB'];
  const worker = spawn(process.execPath, [SHARDMILL, ...args], { stdio: ['ignore', 'ignore', 2] });
  try {
    const messages = await publishRun(servers, stores);
    const queue = redis.shardQueue('cpu');
    const events = redis.events();
    const times: number[] = [];
    for (const message of messages) {
      const done = recorded(events, message.shard);
      const started = performance.now();
      await queue.add([message], 50);
      await done;
      times.push(performance.now() - started);
    }
    const sorted = times.slice(WARM_UP).toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
    return { shards: sorted.length, medianMs: at(0.5), p90Ms: at(0.9), goal: below(60, at(0.5)) };
  } finally {
    const ended = once(worker, 'exit');
    worker.kill('SIGTERM');
    await ended;
    await redis.close();
    await stores.close();
    await servers.close();
  }
}

/** Reported by the worker after it has written the record. */
function recorded(events: FleetEvents, shard: number): Promise<void> {
  return new Promise((resolve) => {
    const stop = events.subscribe((event) => {
      if (event.kind !== 'shard-done' || event.shard !== shard) return;
      stop();
      resolve();
    });
  });
}

async function publishRun(servers: FleetServers, stores: Stores): Promise<ShardMessage[]> {
  const rows = (SHARDS + WARM_UP) * ROWS;
  const data = await makeDataset({ rows, compression: 'snappy', threads: 1 });
  const input = await servers.upload(data.path, 'small/data.parquet');
  const model = await servers.upload(await makeSmallModel(FEATURES.length), 'small/model.onnx');
  const jobFile = await workPath('jobs', 'bench-overhead', 'job.json');
  const job = parseJob(
    {
      name: 'bench-overhead',
      input: { uri: input },
      model: { uri: model },
      features: { features: FEATURES },
      output: { uri: `s3://${BUCKET}/overhead`, columns: { id: 'id', score: 'score' } },
      plan: { partRows: ROWS, shardParts: 1 },
    },
    path.basename(jobFile),
  );
  await writeFile(jobFile, JSON.stringify(job));
  const engine = EngineProcess.start();
  try {
    const now = new Date();
    const runId = newRunId(now);
    const made = await makePlan({ job, jobFile, params: {}, runId, now, binder: engine, stores });
    const store = stores.open(made.plan.scoring.output.uri);
    const { plan } = await startRun(store, made);
    await beginRun(store, plan);
    return made.pages.flatMap(({ shards }, page) =>
      shards.map(
        ({ shard, rows }): ShardMessage => ({
          run: plan.runId,
          planRun: plan.runId,
          output: plan.scoring.output.uri,
          planDigest: plan.digest,
          shard,
          page,
          rows,
          round: 0,
          attempts: job.errors.attempts,
          partTimeoutMs: parseDurationMs(job.errors.partTimeout),
          diskFullWaitMs: parseDurationMs(job.errors.diskFullWait),
          resources: {},
        }),
      ),
    );
  } finally {
    await engine.close();
  }
}
