import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import type { ElementType } from './index.js';
import * as kit from './index.js';

/** Loads a model on one thread, with the runtime's own messages off. */
function load(model: Uint8Array): Promise<InferenceSession> {
  return InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 4 });
}

function tensor(data: Float32Array, width: number): Tensor {
  return new Tensor('float32', data, [data.length / width, width]);
}

/** Runs a model that takes `features` and returns the named output's values. */
async function run(
  session: InferenceSession,
  features: Float32Array,
  width: number,
  output = 'score',
): Promise<Float32Array> {
  const results = await session.run({ features: tensor(features, width) }, [output]);
  const data = results[output]?.data;
  if (!(data instanceof Float32Array)) throw new TypeError(`${output} is not float32`);
  return data;
}

function rowsOf(features: Float32Array, width: number): Float32Array[] {
  return Array.from({ length: features.length / width }, (_, row) =>
    features.subarray(row * width, (row + 1) * width),
  );
}

/** Expects equal lengths, and values equal up to single-precision rounding. */
function expectClose(actual: Iterable<number>, expected: Iterable<number>): void {
  const wanted = [...expected];
  expect([...actual]).toEqual(wanted.map((value) => expect.closeTo(value, 5)));
}

const sum = (row: Float32Array) => row.reduce((total, value) => total + value, 0);
const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));
const uniform = (count: number) => kit.uniforms(kit.createRandom(7), count);

test('logisticRegression scores as its reference does', async () => {
  const options = { features: 5, seed: 3 };
  const session = await load(kit.logisticRegression(options));
  const features = kit.normals(kit.createRandom(4), 5 * 200);
  const parameters = kit.logisticParameters(options);
  const expected = rowsOf(features, 5).map((row) => kit.logisticReference(parameters, row));
  expectClose(await run(session, features, 5), expected);
});

test('logisticRegression takes given weights, and describes itself', async () => {
  const options = { features: 2, weights: [2, -1], bias: 0.5 };
  const session = await load(kit.logisticRegression(options));
  expectClose(await run(session, Float32Array.of(1, 1, 0, 3), 2), [sigmoid(1.5), sigmoid(-2.5)]);
  const type = { isTensor: true, type: 'float32' };
  expect(session.inputMetadata).toEqual([{ name: 'features', ...type, shape: ['N', 2] }]);
  expect(session.outputMetadata).toEqual([{ name: 'score', ...type, shape: ['N', 1] }]);
  expect(() => kit.logisticRegression({ features: 3, weights: [1] })).toThrow(RangeError);
});

test('mlp computes its layers', async () => {
  const options = { layers: [30, 64, 64, 1], seed: 5 };
  const session = await load(kit.mlp(options));
  const features = uniform(30 * 20);
  const layers = kit.mlpLayers(options);
  const expected = rowsOf(features, 30).flatMap((row) => {
    let values = [...row];
    for (const layer of layers) {
      const sums = kit.denseReference(layer, values);
      values = layer === layers.at(-1) ? sums.map(sigmoid) : sums.map((v) => Math.max(v, 0));
    }
    return values;
  });
  expectClose(await run(session, features, 30), expected);
});

test.each([
  ['uniform', uniform(30 * 200)],
  ['normal', kit.normals(kit.createRandom(8), 30 * 200)],
])('boostedTrees walks the trees it drew, and its scores of %s rows vary', async (_, features) => {
  const options = { features: 30, trees: 300, depth: 6, seed: 9 };
  const scores = await run(await load(kit.boostedTrees(options)), features, 30);
  const forest = kit.drawForest(options);
  expectClose(
    scores,
    rowsOf(features, 30).map((row) => kit.forestReference(forest, row)),
  );
  expect(new Set(scores).size).toBeGreaterThan(190);
  expect(Math.min(...scores)).toBeLessThan(0.25);
  expect(Math.max(...scores)).toBeGreaterThan(0.75);
});

describe('grownForest', () => {
  const forest = { features: 6, trees: 20, rows: 4000, splitRows: 10, seed: 3 } as const;

  test.each([
    { ...forest, weights: 'votes' as const },
    { ...forest, weights: 'steps' as const, leaves: 31 },
  ])('walks the trees that were grown, with $weights', async (options) => {
    const random = kit.createRandom(5);
    const features = Float32Array.from({ length: 6 * 200 }, (_, index) =>
      index % 6 < 3 ? random.normal() : random.uniform(),
    );
    const scores = await run(await load(kit.grownForest(options)), features, 6);
    const trees = kit.growTrees(options);
    expectClose(
      scores,
      rowsOf(features, 6).map((row) => kit.grownReference(trees, options, row)),
    );
    expect(new Set(scores).size).toBeGreaterThan(options.weights === 'votes' ? 8 : 190);
  });

  test('divides what is left of a feature, so that each branch has rows on both sides', () => {
    for (const tree of kit.growTrees({ ...forest, weights: 'votes' })) {
      const intervals = [{ from: Array(6).fill(-Infinity), to: Array(6).fill(Infinity) }];
      for (const [node, left] of tree.lefts.entries()) {
        const { from, to } = intervals[node] ?? expect.fail(`node ${node} has no parent`);
        if (left === 0) continue;
        const [feature, threshold] = [tree.features[node] ?? -1, tree.thresholds[node]];
        expect(threshold).toBeGreaterThanOrEqual(from[feature]);
        expect(threshold).toBeLessThanOrEqual(to[feature]);
        intervals[left] = { from, to: to.with(feature, threshold) };
        intervals[tree.rights[node] ?? -1] = { from: from.with(feature, threshold), to };
      }
    }
  });

  test('makes trees lopsided, and of no more leaves than are asked for', () => {
    const leavesOf = (tree: kit.Tree): number => tree.lefts.filter((left) => left === 0).length;
    for (const tree of kit.growTrees({ ...forest, leaves: 31, weights: 'steps' })) {
      expect(leavesOf(tree)).toBe(31);
    }
    const trees = kit.growTrees({ ...forest, weights: 'votes' });
    const depths = trees.map(depthOf);
    // Balanced ones of as many leaves have a depth of 10.
    expect(Math.min(...depths)).toBeGreaterThan(13);
    expect(Math.max(...trees.map(leavesOf))).toBeLessThan(1024);
  });
});

function depthOf({ lefts, rights }: kit.Tree): number {
  const depths = new Int32Array(lefts.length);
  for (const [node, left] of lefts.entries()) {
    if (left === 0) continue;
    depths[left] = depths[rights[node] ?? 0] = (depths[node] ?? 0) + 1;
  }
  return Math.max(...depths);
}

test('the same seed gives the same bytes, and another seed others', () => {
  const trees = (seed: number) => kit.boostedTrees({ features: 4, trees: 3, depth: 2, seed });
  expect(trees(1)).toEqual(trees(1));
  expect(trees(1)).not.toEqual(trees(2));
  const grown = (seed: number) =>
    kit.grownForest({ features: 4, trees: 3, rows: 90, splitRows: 9, weights: 'steps', seed });
  expect(grown(1)).toEqual(grown(1));
  expect(grown(1)).not.toEqual(grown(2));
});

test.each<[ElementType, Tensor]>([
  ['float32', new Tensor('float32', [1.5, Number.NaN], [1, 2])],
  ['float64', new Tensor('float64', [1e300, -0], [1, 2])],
  ['float16', new Tensor('float16', Uint16Array.of(0x3c00, 0x7bff), [1, 2])],
  ['int32', new Tensor('int32', [1, -(2 ** 31)], [1, 2])],
  ['int64', new Tensor('int64', [1n, -(2n ** 63n)], [1, 2])],
  ['uint8', new Tensor('uint8', [0, 255], [1, 2])],
  ['bool', new Tensor('bool', [true, false], [1, 2])],
  ['string', new Tensor('string', ['', 'Zoë ☃'], [1, 2])],
])('identity gives %s back', async (type, x) => {
  const session = await load(kit.identity({ type, width: 2 }));
  const { y } = await session.run({ x });
  expect(y?.type).toBe(type);
  expect(y?.dims).toEqual([1, 2]);
  expect(y?.data).toEqual(x.data);
});

test('sumColumns adds its inputs up', async () => {
  const session = await load(kit.sumColumns({ names: ['a', 'b', 'c'] }));
  expect(session.inputNames).toEqual(['a', 'b', 'c']);
  const [a, b, c] = [
    [1, 2],
    [10, 20],
    [100, 200],
  ].map((v) => tensor(Float32Array.from(v), 1));
  if (!a || !b || !c) throw new Error('three tensors expected');
  const results = await session.run({ a, b, c });
  expect(results['sum']?.data).toEqual(Float32Array.of(111, 222));
});

test('failsOnRows throws for row 100 and not for row 99', async () => {
  const session = await load(kit.failsOnRows());
  const runIds = (...ids: bigint[]) => session.run({ id: new Tensor('int64', ids, [ids.length]) });
  expect((await runIds(0n, 99n))['value']?.data).toEqual(Float32Array.of(0.5, 99.5));
  await expect(runIds(5n, 100n)).rejects.toThrow('out of data bounds, idx=100');
  expect((await runIds(5n))['value']?.data).toEqual(Float32Array.of(5.5));
});

test('fixedBatch takes its own batch size only', async () => {
  const session = await load(kit.fixedBatch({ batch: 4, features: 3 }));
  const features = uniform(12);
  expectClose(await run(session, features, 3), rowsOf(features, 3).map(sum));
  await expect(run(session, uniform(9), 3)).rejects.toThrow('invalid dimensions');
  await expect(run(session, uniform(15), 3)).rejects.toThrow('invalid dimensions');
});

test('zipMap has two tensor outputs and one that cannot be fetched', async () => {
  const session = await load(kit.zipMap());
  expect(session.outputMetadata.map(({ name, isTensor }) => [name, isTensor])).toEqual([
    ['label', true],
    ['probabilities', true],
    ['scores', false],
  ]);
  const values = Float32Array.of(1, 1, 1, -1, 1, 0);
  const features = tensor(values, 3);
  const { label, probabilities } = await session.run({ features }, ['label', 'probabilities']);
  expect(label?.data).toEqual(BigInt64Array.of(1n, 0n));
  const ofOne = rowsOf(values, 3).map((row) => kit.logisticReference(kit.ZIP_MAP_PARAMETERS, row));
  expect(probabilities?.dims).toEqual([2, 2]);
  const pairs = await run(session, values, 3, 'probabilities');
  expectClose(
    pairs,
    ofOne.flatMap((probability) => [1 - probability, probability]),
  );
  await expect(session.run({ features })).rejects.toThrow('Non tensor type');
});

test('unknownOperator does not load', async () => {
  await expect(load(kit.unknownOperator())).rejects.toThrow('com.example:Frobnicate');
});

test('memoryHog takes its memory when it runs, not when it loads', async () => {
  await load(kit.memoryHog({ bytes: 1e15 }));
  const session = await load(kit.memoryHog({ bytes: 256e6 }));
  const before = process.memoryUsage.rss();
  const features = uniform(6);
  expectClose(await run(session, features, 3), rowsOf(features, 3).map(sum));
  expect(process.memoryUsage.rss() - before).toBeGreaterThan(200e6);
});

test.each([0, 1, 300])(
  'slow gives the sums of the rows after %i iterations',
  async (iterations) => {
    const session = await load(kit.slow({ iterations }));
    const features = uniform(3 * 16);
    expectClose(await run(session, features, 3), rowsOf(features, 3).map(sum));
  },
);

test('labelEncoder looks texts up, and falls back', async () => {
  const options = { keys: ['red', 'grün'], values: [1, 2.5], default: -1 };
  const session = await load(kit.labelEncoder(options));
  const category = new Tensor('string', ['grün', 'red', 'blue', ''], [4, 1]);
  const { code } = await session.run({ category });
  expect(code?.dims).toEqual([4, 1]);
  expect(code?.data).toEqual(Float32Array.of(2.5, 1, -1, -1));
});

test('vectorOutput gives a vector for each row', async () => {
  const options = { features: 3, width: 5 };
  const session = await load(kit.vectorOutput(options));
  const features = uniform(6);
  const layer = kit.vectorLayer(options);
  const expected = rowsOf(features, 3).flatMap((row) => kit.denseReference(layer, row));
  expectClose(await run(session, features, 3, 'embedding'), expected);
});
