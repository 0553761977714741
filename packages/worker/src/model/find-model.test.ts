import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Stores } from '@shardmill/core';
import {
  linearWithWeightsIn,
  logisticRegression,
  type S3FaultProxy,
  type S3Server,
  startS3FaultProxy,
  startS3Server,
  weightsFile,
} from '@shardmill/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FoundModel, ModelFinder } from './find-model.js';

const URI = 's3://models/churn/model.onnx';
const MODEL = logisticRegression({ features: 3 });
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let server: S3Server;
let proxy: S3FaultProxy;
let stores: Stores;
let cache: string;

beforeAll(async () => {
  server = await startS3Server();
  Object.assign(process.env, server.env);
  proxy = await startS3FaultProxy({ target: server.endpoint });
  stores = new Stores({ s3: { endpoint: proxy.endpoint } });
  await server.createBucket('models');
});
afterAll(async () => {
  await stores.close();
  await proxy.close();
  await server.close();
});
beforeEach(async () => {
  cache = await mkdtemp(path.join(tmpdir(), 'shardmill-models-'));
});
afterEach(() => rm(cache, { recursive: true, force: true }));

const put = (key: string, body: Uint8Array): Promise<void> =>
  stores.open('s3://models').replace(key, body);

/** What `work` asks of the store. */
async function asked(work: () => Promise<unknown>): Promise<string[]> {
  const before = proxy.requests().length;
  await work();
  return proxy
    .requests()
    .slice(before)
    .map(({ method, path: key }) => `${method} ${key}`);
}

const finder = (): ModelFinder => new ModelFinder(cache, stores);

/** As the plan pins it. */
const planned = ({ info: _info, path: _path, ...model }: FoundModel) => ({
  ...model,
  inputs: [],
  outputs: [],
});

describe('a model in object storage', () => {
  beforeEach(() => put('churn/model.onnx', MODEL));

  it('is fetched once: pinned, the store is not asked again; else only for its ETag', async () => {
    const found = await finder().find(URI);
    expect(found).toMatchObject({ uri: URI, sha256: sha256(MODEL), bytes: MODEL.length });
    expect(await readFile(found.path)).toEqual(Buffer.from(MODEL));
    expect(await asked(() => finder().find(URI, sha256(MODEL).toUpperCase()))).toEqual([]);
    expect(await asked(() => finder().locate(planned(found)))).toEqual([]);
    expect(await asked(() => finder().find(URI))).toEqual(['HEAD /models/churn/model.onnx']);
    expect(await finder().locate(planned(found))).toBe(found.path);
  });

  it('is fetched again where it has changed, and the planned one is still there', async () => {
    const first = await finder().find(URI);
    const other = logisticRegression({ features: 4 });
    await put('churn/model.onnx', other);
    expect((await finder().find(URI)).sha256).toBe(sha256(other));
    expect(await readFile(await finder().locate(planned(first)))).toEqual(Buffer.from(MODEL));
  });

  it('is fetched again where the copy on disk was cut or changed', async () => {
    const found = await finder().find(URI);
    await chmod(found.path, 0o644);
    for (const damage of [() => truncate(found.path, 10), () => rm(found.path)]) {
      await damage();
      expect(await readFile(await finder().locate(planned(found)))).toEqual(Buffer.from(MODEL));
    }
    await chmod(found.path, 0o644);
    await writeFile(found.path, logisticRegression({ features: 3, seed: 99 }));
    expect((await finder().find(URI)).sha256).toBe(sha256(MODEL));
  });

  it('is fetched by many at once, and each gets the whole', async () => {
    const all = await Promise.all([1, 2, 3, 4, 5].map(() => finder().find(URI)));
    expect(new Set(all.map((found) => found.path)).size).toBe(1);
    const entries = await readdir(path.join(cache, 'models'));
    expect(entries.toSorted()).toEqual([sha256(MODEL), 'seen', 'tmp'].toSorted());
    expect(await readdir(path.join(cache, 'models/tmp'))).toEqual([]);
  });

  it('that the plan does not mean any more fails with MODEL_CHANGED', async () => {
    const model = planned(await finder().find(URI));
    await rm(cache, { recursive: true });
    await put('churn/model.onnx', logisticRegression({ features: 4 }));
    await expect(finder().locate(model)).rejects.toMatchObject({
      code: 'MODEL_CHANGED',
      where: URI,
    });
  });
});

describe('weights of their own', () => {
  const uri = 's3://models/big/model.onnx';

  it('are fetched with the model, and make another one of it', async () => {
    await put('big/model.onnx', linearWithWeightsIn('weights/w.bin'));
    const models: FoundModel[] = [];
    for (const weights of [weightsFile(1, 2, 3), weightsFile(4, 5, 6)]) {
      await put('big/weights/w.bin', weights);
      const found = await finder().find(uri);
      models.push(found);
      expect(found.externalData).toEqual([
        { uri: 's3://models/big/weights/w.bin', sha256: sha256(weights), bytes: 12 },
      ]);
      const copy = path.join(path.dirname(found.path), 'weights/w.bin');
      expect(await readFile(copy)).toEqual(Buffer.from(weights));
    }
    const [first, second] = models;
    if (first === undefined || second === undefined) throw new Error('not found');
    expect(first.sha256).toBe(second.sha256);
    expect(first.path).not.toBe(second.path);
    expect(await finder().locate(planned(first))).toBe(first.path);
    // With the model pinned, its weights are still checked.
    expect((await finder().find(uri, first.sha256)).path).toBe(second.path);
  });

  it('that are elsewhere, or missing, are refused', async () => {
    await put('big/model.onnx', linearWithWeightsIn('../w.bin'));
    await expect(finder().find(uri)).rejects.toMatchObject({ code: 'MODEL_INVALID', where: uri });
    await put('big/model.onnx', linearWithWeightsIn('nowhere.bin'));
    await expect(finder().find(uri)).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      where: 's3://models/big/nowhere.bin',
      remedy: expect.stringContaining('Put "nowhere.bin" beside the model'),
    });
  });
});

describe('what cannot be used is refused under its own location', () => {
  it('a model that is not there', () =>
    expect(finder().find('s3://models/none.onnx')).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      where: 's3://models/none.onnx',
    }));

  it('one with another digest than the job pins', async () => {
    await put('churn/model.onnx', MODEL);
    const pinned = 'f'.repeat(64);
    const refusal = { code: 'MODEL_SHA256_MISMATCH', where: URI };
    await expect(finder().find(URI, pinned)).rejects.toMatchObject(refusal);
    // Also when it is known from before.
    await finder().find(URI);
    await expect(finder().find(URI, pinned)).rejects.toMatchObject(refusal);
  });

  it('something else', async () => {
    await put('text.onnx', Buffer.from('not a model'));
    await expect(finder().find('s3://models/text.onnx')).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      where: 's3://models/text.onnx',
    });
  });
});
