import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  identity,
  linearWithWeightsAt,
  logisticRegression,
  weightsFile,
  zipMap,
} from '@shardmill/test-kit';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findNativeRuntime, SyncSession } from './sync-session.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-sync-session-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function load(model: Uint8Array): Promise<SyncSession> {
  const file = path.join(folder, 'model.onnx');
  await writeFile(file, model);
  const session = SyncSession.load(file, 1);
  // With the version of onnxruntime-node that is installed, there must be one.
  if (session === undefined) throw new Error('there is no session that answers at once');
  return session;
}

const feed = (data: Float32Array, width: number) =>
  [{ name: 'features', type: 'float32', rowShape: [width], width, data }] as const;

describe('a session that answers at once', () => {
  it('is there with the version of onnxruntime-node that is installed', async () => {
    const session = await load(logisticRegression({ features: 3 }));
    const [score] = session.run(feed(Float32Array.of(1, 2, 3, 4, 5, 6), 3), 2, ['score']);
    expect(score).toMatchObject({ name: 'score', type: 'float32', rowShape: [1], width: 1 });
    expect(score?.data).toHaveLength(2);
  });

  it('computes only the outputs that are asked for', async () => {
    const session = await load(zipMap());
    const outputs = session.run(feed(new Float32Array(6), 3), 2, ['probabilities', 'label']);
    expect(outputs.map(({ name, type, width }) => [name, type, width])).toEqual([
      ['probabilities', 'float32', 2],
      ['label', 'int64', 1],
    ]);
  });

  it('gives the tensor before a ZipMap by the name of the map', async () => {
    const session = await load(zipMap());
    const data = Float32Array.of(1, -2, 3, 4, 5, -6);
    const [map, tensor] = session.run(feed(data, 3), 2, ['scores', 'probabilities']);
    expect(map).toEqual({ ...tensor, name: 'scores' });
  });

  it('throws what the model throws, and answers the next call', async () => {
    const session = await load(identity({ type: 'float32', width: 2 }));
    const x = (width: number) =>
      [
        { name: 'x', type: 'float32', rowShape: [width], width, data: new Float32Array(width) },
      ] as const;
    expect(() => session.run(x(3), 1, ['y'])).toThrow(/invalid dimensions/i);
    expect(session.run(x(2), 1, ['y'])).toHaveLength(1);
  });

  it('reads weights that lie beyond 2 GiB of the file beside the model', async () => {
    const offset = 2 ** 31 + 4096;
    // A hole in a file takes no room on disk.
    const file = await open(path.join(folder, 'weights.bin'), 'w');
    await file.write(weightsFile(1, 10, 100), 0, 12, offset);
    await file.close();
    const session = await load(linearWithWeightsAt('weights.bin', offset));
    const [score] = session.run(feed(Float32Array.of(1, 2, 3), 3), 1, ['score']);
    expect(score?.data).toEqual(Float32Array.of(321));
  });

  it('is the one inside of a session of onnxruntime-node', async () => {
    const model = logisticRegression({ features: 3 });
    const { session, sync } = await SyncSession.inside(() => ort.InferenceSession.create(model));
    const rows = feed(Float32Array.of(1, 2, 3, 4, 5, 6), 3);
    const [score] = sync?.run(rows, 2, ['score']) ?? [];
    const features = new ort.Tensor('float32', rows[0].data, [2, 3]);
    const results = await session.run({ features }, ['score']);
    expect(score?.data).toEqual(results['score']?.data);
    // Others are what they were.
    await session.release();
    expect(() => sync?.run(rows, 2, ['score'])).toThrow();
    expect((await load(model)).run(rows, 2, ['score'])).toHaveLength(1);
  });

  it('leaves nothing behind of a session that could not be made', async () => {
    const failing = SyncSession.inside(() => ort.InferenceSession.create(Uint8Array.of(1, 2, 3)));
    await expect(failing).rejects.toThrow();
    expect(await load(logisticRegression({ features: 3 }))).toBeInstanceOf(SyncSession);
  });

  it('throws for a file that is no model', async () => {
    await expect(load(Uint8Array.of(1, 2, 3))).rejects.toThrow();
  });
});

describe('the inside of onnxruntime-node', () => {
  const load = createRequire(import.meta.url);
  /** Loads everything but one module, which is this instead. */
  const except =
    (name: string, other: unknown) =>
    (asked: string): unknown =>
      asked === name ? other : load(asked);

  it('is found in the version that is installed', () => {
    expect(findNativeRuntime(load)).toBeDefined();
  });

  it.each([
    ['is another version', 'onnxruntime-node/package.json', { version: '1.99.0' }],
    ['has no session', 'onnxruntime-node/dist/binding.js', { binding: {}, initOrt() {} }],
    [
      'has one of another kind',
      'onnxruntime-node/dist/binding.js',
      { binding: { InferenceSession: Map }, initOrt() {} },
    ],
    ['cannot be set up', 'onnxruntime-node/dist/binding.js', null],
  ])('is left alone where it %s', (_, name, other) => {
    expect(findNativeRuntime(except(name, other))).toBeUndefined();
  });

  it('is left alone where it cannot be loaded', () => {
    const fail = (): never => {
      throw new Error('there is no such module');
    };
    expect(findNativeRuntime(fail)).toBeUndefined();
  });
});
