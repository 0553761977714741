import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import {
  freePorts,
  type RedisServer,
  type S3Server,
  startRedisServer,
  startS3Server,
} from '@shardmill/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ComposeService, composeServices } from '../support/compose-file.js';
import { IMAGE_NODE, ImageTree, type TreeProcess } from '../support/image-tree.js';
import { inRepository } from '../support/repository.js';
import { runProgram } from '../support/run-program.js';
import { waitFor } from '../support/wait.js';

/**
 * What deploy/compose.yaml starts, without containers: its commands and settings, from the tree
 * that is in the images, with the Node of the images. Redis and the S3 server are others.
 */
let services: Record<string, ComposeService> = {};
let tree: ImageTree;
let redis: RedisServer;
let s3: S3Server;
beforeAll(async () => {
  [services, tree, redis, s3] = await Promise.all([
    composeServices(),
    ImageTree.make(),
    startRedisServer({ args: ['--maxmemory-policy', 'noeviction'] }),
    startS3Server(),
  ]);
  await s3.createBucket('lake');
}, 5 * 60_000);
afterAll(async () => {
  await tree.close();
  await redis.close();
  await s3.close();
});

/** The settings of a service, with the addresses that they have here. */
function environmentOf(name: string): Record<string, string> {
  const { environment = {} } = services[name] ?? {};
  return {
    ...environment,
    SHARDMILL_REDIS_URL: redis.url,
    SHARDMILL_S3_ENDPOINT: s3.endpoint,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
  };
}

const commandOf = (name: string): string[] => services[name]?.command ?? [name];

async function upload(file: string, key: string): Promise<void> {
  const Body = await readFile(inRepository('jobs', 'churn', file));
  await s3.client.send(new PutObjectCommand({ Bucket: 'lake', Key: key, Body }));
}

/** Starts a service and waits until its health check passes. */
async function start(name: 'scheduler' | 'worker'): Promise<TreeProcess> {
  const [port = 0] = await freePorts(1);
  const status = { [`SHARDMILL_${name.toUpperCase()}_STATUS_PORT`]: String(port) };
  const process = tree.start(commandOf(name), { ...environmentOf(name), ...status });
  const check = [inRepository('deploy', 'healthcheck.mjs'), name];
  await waitFor(`the ${name} to be ready: ${process.said()}`, async () => {
    const { code } = await runProgram(IMAGE_NODE, check, { env: status });
    return code === 0;
  });
  return process;
}

it('the fleet of the compose file scores the demo job, and its workers go in peace', async () => {
  await upload('customers.parquet', 'customers.parquet');
  await upload('model.onnx', 'models/churn.onnx');
  const scheduler = await start('scheduler');
  const workers = [await start('worker'), await start('worker')];

  const submitted = await tree.shardmill(
    [...commandOf('submit'), '--json'],
    environmentOf('submit'),
    path.join(inRepository('deploy', 'demo')),
  );
  expect(submitted.code, `${submitted.stdout}${submitted.stderr}${scheduler.said()}`).toBe(0);
  expect(JSON.parse(submitted.stdout)).toMatchObject({ rows: { read: 7043, scored: 7043 } });

  const doctor = await tree.shardmill(['doctor'], environmentOf('shardmill'));
  expect(doctor.stdout).toContain('computes with cpu');
  for (const worker of workers) expect(await worker.stop('SIGTERM'), worker.said()).toBe(0);
  expect(await scheduler.stop('SIGTERM'), scheduler.said()).toBe(0);
}, 180_000);
