import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encodeModel, logisticRegression, zipMap, zipMapWithWeightsIn } from '@shardmill/test-kit';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelSource } from './model-source.js';
import { readOnnxFile } from './onnx-file.js';
import { replaceZipMaps } from './zip-map.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-zip-map-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A classifier as CatBoost writes it: without an import of ONNX's own operators. */
const withoutOnnxDomain = (classes: bigint[]): Uint8Array =>
  encodeModel({
    opset: { 'ai.onnx.ml': 2 },
    graph: {
      name: 'ml_only',
      inputs: [{ name: 'x', type: 'float32', shape: ['N', 2] }],
      outputs: [{ kind: 'sequence-of-map', name: 'p', keyType: 'int64', valueType: 'float32' }],
      nodes: [
        {
          op: 'Normalizer',
          domain: 'ai.onnx.ml',
          inputs: ['x'],
          outputs: ['shares'],
          attributes: { norm: { string: 'L1' } },
        },
        {
          op: 'ZipMap',
          domain: 'ai.onnx.ml',
          inputs: ['shares'],
          outputs: ['p'],
          attributes: { classlabels_int64s: { ints: classes } },
        },
      ],
    },
  });

describe('a model that ends in ZipMap', () => {
  it('gives the tensor before it, by the name of the map, and everything else as it was', async () => {
    const edited = replaceZipMaps(zipMap());
    const session = await InferenceSession.create(edited ?? new Uint8Array());
    expect(session.outputNames).toEqual(['label', 'probabilities', 'scores']);
    const features = new Tensor('float32', Float32Array.of(1, 2, 3, -4, 5, -6), [2, 3]);
    const { label, probabilities, scores } = await session.run({ features });
    expect(scores?.dims).toEqual([2, 2]);
    expect(scores?.data).toEqual(probabilities?.data);
    expect(label?.data).toEqual(BigInt64Array.of(1n, 0n));
  });

  it('does so where the model does not import the operators of ONNX itself', async () => {
    const edited = replaceZipMaps(withoutOnnxDomain([0n, 1n]));
    const { opsets } = readOnnxFile(edited ?? new Uint8Array()) ?? {};
    expect(opsets).toEqual({ 'ai.onnx': 8, 'ai.onnx.ml': 2 });
    const session = await InferenceSession.create(edited ?? new Uint8Array());
    expect(session.outputMetadata).toMatchObject([
      { name: 'p', isTensor: true, type: 'float32', shape: ['', 2] },
    ]);
    const x = new Tensor('float32', Float32Array.of(1, 3), [1, 2]);
    expect((await session.run({ x }))['p']?.data).toEqual(Float32Array.of(0.25, 0.75));
  });

  it('lists the classes in their order, negative ones too', () => {
    expect(readOnnxFile(zipMapWithWeightsIn('w'))?.zipMaps).toEqual({ scores: ['no', 'yes'] });
    expect(readOnnxFile(withoutOnnxDomain([-1n, 1n]))?.zipMaps).toEqual({ p: ['-1', '1'] });
  });
});

describe('what is loaded', () => {
  const sourceOf = async (bytes: Uint8Array): Promise<string | Uint8Array> => {
    const file = path.join(folder, 'model.onnx');
    await writeFile(file, bytes);
    return modelSource(file);
  };

  it('is the edited model where there is a ZipMap, however large the nodes before it are', async () => {
    const large = encodeModel({
      opset: { '': 17, 'ai.onnx.ml': 3 },
      graph: {
        name: 'large',
        inputs: [{ name: 'x', type: 'float32', shape: ['N', 2] }],
        outputs: [{ kind: 'sequence-of-map', name: 'p', keyType: 'int64', valueType: 'float32' }],
        nodes: [
          {
            op: 'Add',
            inputs: ['x', 'zero'],
            outputs: ['y'],
          },
          {
            op: 'ZipMap',
            domain: 'ai.onnx.ml',
            inputs: ['y'],
            outputs: ['p'],
            attributes: { classlabels_int64s: { ints: [0n, 1n] } },
          },
        ],
        initializers: [
          { name: 'zero', type: 'float32', shape: [1, 2], data: Float32Array.of(0, 0) },
          {
            name: 'unused',
            type: 'float32',
            shape: [50_000],
            data: new Float32Array(50_000).fill(1),
          },
        ],
      },
    });
    const source = await sourceOf(large);
    expect(source).toEqual(replaceZipMaps(large));
    expect(source).toBeInstanceOf(Uint8Array);
  });

  it('is the file itself where there is none, or where it is no model', async () => {
    const file = path.join(folder, 'model.onnx');
    expect(await sourceOf(logisticRegression({ features: 3 }))).toBe(file);
    expect(await sourceOf(zipMap().subarray(0, 100))).toBe(file);
    expect(await sourceOf(new Uint8Array())).toBe(file);
    expect(modelSource(path.join(folder, 'none.onnx'))).toBe(path.join(folder, 'none.onnx'));
  });
});
