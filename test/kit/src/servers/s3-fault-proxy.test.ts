import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type S3FaultProxy, startS3FaultProxy } from './s3-fault-proxy.js';
import { S3_FAULTS } from './s3-faults.js';
import { type S3Server, startS3Server } from './s3-server.js';
import { waitFor } from '../wait-for.js';

let server: S3Server;
let proxy: S3FaultProxy;
let client: S3Client;
beforeAll(async () => {
  server = await startS3Server();
  await server.createBucket('lake');
});
afterAll(() => server.close());
beforeEach(async () => {
  proxy = await startS3FaultProxy({ target: server.endpoint, seed: 7, slowAnswerMs: 20 });
  client = clientOf(proxy);
});
afterEach(async () => {
  client.destroy();
  await proxy.close();
});

const clientOf = ({ endpoint }: S3FaultProxy): S3Client =>
  new S3Client({
    endpoint,
    region: server.region,
    credentials: server,
    forcePathStyle: true,
    maxAttempts: 1,
  });
const put = (Key: string, Body: string | Uint8Array = 'x'): Promise<unknown> =>
  client.send(new PutObjectCommand({ Bucket: 'lake', Key, Body, IfNoneMatch: '*' }));
const get = async (Key: string, Range?: string): Promise<Uint8Array> => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: 'lake', Key, Range }));
  return Body?.transformToByteArray() ?? new Uint8Array();
};
const stored = (Key: string): Promise<boolean> =>
  server.client.send(new HeadObjectCommand({ Bucket: 'lake', Key })).then(
    () => true,
    () => false,
  );
const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });

describe('the proxy', () => {
  it('passes signed requests on as they are, and logs them', async () => {
    const content = Buffer.from(new Uint8Array(3_000_000).map((_, i) => i % 251));
    await put('a b/ü', content);
    expect(content.subarray(1000, 2000).equals(await get('a b/ü', 'bytes=1000-1999'))).toBe(true);
    expect(content.equals(await get('a b/ü'))).toBe(true);
    expect(proxy.requests()).toMatchObject([
      { method: 'PUT', path: '/lake/a b/ü', ifNoneMatch: '*', bytesIn: 3_000_000, status: 200 },
      { method: 'GET', range: 'bytes=1000-1999', bytesOut: 1000, status: 206 },
      { method: 'GET', range: undefined, bytesOut: 3_000_000, status: 200 },
    ]);
  });

  it.each([
    ['error500', status(500), false],
    ['slowDown', { name: 'SlowDown', ...status(503) }, false],
    ['reset', { code: 'ECONNRESET' }, false],
    ['lateError500', status(500), true],
    ['lostAnswer', { code: 'ECONNRESET' }, true],
  ] as const)(
    '%s: the client gets %o, and whether it took effect is %s',
    async (fault, seen, effect) => {
      proxy.failNext(fault, ({ method }) => method === 'PUT');
      await expect(put(fault)).rejects.toMatchObject(seen);
      expect(await stored(fault)).toBe(effect);
      expect(proxy.counts()).toEqual({
        ...Object.fromEntries(S3_FAULTS.map((name) => [name, 0])),
        [fault]: 1,
      });
      if (!effect) await put(fault);
    },
  );

  it('cuts the body of a GET, and of nothing else', async () => {
    proxy.setFaults({ truncatedBody: 1 });
    await put('cut', 'y'.repeat(100_000));
    expect(proxy.counts().truncatedBody).toBe(0);
    for (let i = 0; i < 5; i++) await expect(get('cut')).rejects.toThrow('aborted');
    expect(proxy.counts().truncatedBody).toBe(5);
    const sent = proxy.requests().slice(1);
    expect(sent.every(({ bytesOut }) => bytesOut < 100_000)).toBe(true);
    expect(sent.some(({ bytesOut }) => bytesOut > 0)).toBe(true);
  });

  it('answers late', async () => {
    proxy.setFaults({ slowAnswer: 1 });
    await put('late');
    expect(proxy.counts().slowAnswer).toBe(1);
  });

  it('refuses rates that are no probabilities', () => {
    expect(() => proxy.setFaults({ reset: -0.1 })).toThrow(RangeError);
    proxy.setFaults({ reset: 0.6 });
    expect(() => proxy.setFaults({ lostAnswer: 0.6 })).toThrow(RangeError);
  });

  it('can be a store that ignores conditions', async () => {
    const careless = await startS3FaultProxy({
      target: server.endpoint,
      ignoreConditions: server.client,
    });
    const to = clientOf(careless);
    try {
      for (const Body of ['one', 'two']) {
        await to.send(
          new PutObjectCommand({ Bucket: 'lake', Key: 'twice', Body, IfNoneMatch: '*' }),
        );
      }
      expect(Buffer.from(await get('twice')).toString()).toBe('two');
    } finally {
      to.destroy();
      await careless.close();
    }
  });

  it('injects about as many faults as it should into hundreds of requests at once', async () => {
    const each = 0.1;
    proxy.setFaults(Object.fromEntries(S3_FAULTS.map((fault) => [fault, each])));
    const keys = Array.from({ length: 600 }, (_, i) => `many/${i}`);
    const outcomes = await Promise.allSettled(keys.map((key) => put(key)));
    const failed = outcomes.filter(({ status }) => status === 'rejected').length;
    const { truncatedBody, slowAnswer, ...failing } = proxy.counts();
    expect(Object.values(failing).reduce((a, b) => a + b)).toBe(failed);
    for (const count of [...Object.values(failing), slowAnswer]) {
      expect(count).toBeGreaterThan(30);
      expect(count).toBeLessThan(100);
    }
    expect(truncatedBody).toBe(0);
    proxy.setFaults(Object.fromEntries(S3_FAULTS.map((fault) => [fault, 0])));
    const present = await Promise.all(keys.map(stored));
    for (const [i, { method, status, fault }] of proxy.requests().entries()) {
      if (method !== 'PUT') continue;
      expect(status === 200, `${fault}`).toBe(
        !['error500', 'slowDown', 'reset'].includes(`${fault}`),
      );
      expect(i).toBeLessThan(600);
    }
    expect(present.filter(Boolean)).toHaveLength(
      proxy.requests().filter(({ status }) => status === 200).length,
    );
  });

  it('holds a request back until it is released', async () => {
    const held = proxy.holdNext(({ method, path }) => method === 'PUT' && path === '/lake/held');
    await put('passes');
    expect(held.arrived).toBe(false);
    const answered = put('held');
    await waitFor('the request', () => held.arrived);
    expect(await stored('held')).toBe(false);
    held.release();
    await answered;
    expect(await stored('held')).toBe(true);
  });

  it('does not pass on a request whose client has gone', async () => {
    const held = proxy.holdNext(({ method }) => method === 'PUT');
    const giveUp = new AbortController();
    const command = new PutObjectCommand({ Bucket: 'lake', Key: 'given-up', Body: 'x' });
    const answered = client.send(command, { abortSignal: giveUp.signal }).catch(() => 'gone');
    await waitFor('the request', () => held.arrived);
    giveUp.abort();
    expect(await answered).toBe('gone');
    await waitFor('the end of the connection', async () => (await proxy.connections()) === 0);
    held.release();
    await put('after');
    expect(await stored('given-up')).toBe(false);
    expect(proxy.requests().map(({ status }) => status)).toEqual([undefined, 200]);
  });
});
