import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePorts } from '@shardmill/test-kit';
import { describe, expect, it } from 'vitest';
import type { ObjectStore } from '../object-store.js';
import { bytes, useS3 } from '../../testing/use-s3.js';

const s3 = useS3();

/** What three kinds of reading and three of writing come to. */
async function outcomes(store: ObjectStore): Promise<unknown[]> {
  const file = path.join(s3.root, 'file');
  await writeFile(file, '');
  const list = async (): Promise<void> => {
    for await (const _ of store.list('')) break;
  };
  const tried = [
    store.read('a'),
    store.readRange('a', 0, 1),
    list(),
    store.create('a', { path: file }),
    store.replace('a', bytes('')),
    store.delete('a'),
  ];
  const settled = await Promise.allSettled(tried);
  return settled.map((outcome) =>
    outcome.status === 'fulfilled' ? outcome.value : outcome.reason,
  );
}

const saying = (message: string | RegExp): unknown => expect.stringMatching(message);

describe('what no retry can fix', () => {
  it('is the wrong secret: the store says so', async () => {
    process.env['AWS_SECRET_ACCESS_KEY'] = 'wrong';
    try {
      const store = s3.behind();
      const found = await outcomes(store);
      const denied = { code: 'STORE_DENIED', message: saying('403 SignatureDoesNotMatch') };
      expect(found).toMatchObject(found.map(() => denied));
      expect(s3.proxy.requests()).toHaveLength(found.length);
      await expect(store.head('a')).rejects.toMatchObject({
        code: 'STORE_DENIED',
        message: saying('403'),
        where: `${s3.prefix}/a`,
      });
    } finally {
      Object.assign(process.env, s3.server.env);
    }
  });

  it('is a bucket that is not there', async () => {
    const store = s3.behind(s3.proxy, {}, 's3://nowhere/x');
    const found = await outcomes(store);
    const read = 'INPUT_NOT_FOUND';
    const write = 'OUTPUT_NOT_WRITABLE';
    expect(found).toMatchObject(
      [read, read, read, write, write, write].map((code) => ({
        code,
        message: saying('NoSuchBucket'),
        remedy: 'Create the bucket, or correct its name.',
        where: saying('^s3://nowhere/x/'),
      })),
    );
    expect(await store.head('a')).toBeUndefined();
  });

  it('is an endpoint that no server listens on: it ends when the time for it is up', async () => {
    const [port] = await freePorts(1);
    const options = { endpoint: `http://127.0.0.1:${port}`, retryForMs: 500 };
    const started = performance.now();
    const found = await outcomes(s3.behind(s3.proxy, options));
    expect(performance.now() - started).toBeLessThan(20_000);
    const unreachable = {
      code: 'STORE_UNREACHABLE',
      message: saying(/ECONNREFUSED.*; \d+ tries in [\d.]+ s/),
    };
    expect(found).toMatchObject(found.map(() => unreachable));
  });

  it('is a store that requests to slow down for longer than is waited', async () => {
    s3.proxy.setFaults({ slowDown: 1 });
    const found = await outcomes(s3.behind(s3.proxy, { retryForMs: 300 }));
    const unreachable = {
      code: 'STORE_UNREACHABLE',
      message: saying(/503 SlowDown: Please reduce your request rate\.; \d+ tries/),
    };
    expect(found).toMatchObject(found.map(() => unreachable));
  });

  it('is a store that takes longer to answer than a request may', async () => {
    const stuck = await s3.startProxy({ slowAnswer: 1 }, 1e7);
    const store = s3.behind(stuck, { requestTimeoutMs: 200, retryForMs: 500 });
    const started = performance.now();
    await expect(store.create('a', bytes('a'))).rejects.toMatchObject({
      code: 'STORE_UNREACHABLE',
      message: saying('TimeoutError'),
    });
    expect(performance.now() - started).toBeLessThan(20_000);
    // It took effect all the same, and the next one finds that out.
    expect(await s3.behind().create('a', bytes('b'))).toBe('exists');
  });

  it('is that no credentials can be found', async () => {
    const saved = { ...process.env };
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) delete process.env[name];
    Object.assign(process.env, {
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/nowhere',
      AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
    });
    try {
      await expect(s3.behind().read('a')).rejects.toMatchObject({
        code: 'STORE_DENIED',
        message: saying('no credentials for S3 were found'),
      });
    } finally {
      process.env = saved;
    }
  });

  it('is that no region is set for AWS itself', async () => {
    const { AWS_ENDPOINT_URL_S3: endpoint, AWS_REGION: region } = process.env;
    delete process.env['AWS_ENDPOINT_URL_S3'];
    delete process.env['AWS_REGION'];
    process.env['AWS_CONFIG_FILE'] = '/nowhere';
    try {
      await expect(s3.stores({}).open(s3.prefix).read('a')).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        where: `${s3.prefix}/a`,
        remedy: saying('AWS_REGION'),
      });
    } finally {
      Object.assign(process.env, { AWS_ENDPOINT_URL_S3: endpoint, AWS_REGION: region });
      delete process.env['AWS_CONFIG_FILE'];
    }
  });
});
