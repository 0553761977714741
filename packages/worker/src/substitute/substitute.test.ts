import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Scoring, TensorInfo } from '@shardmill/core';
import {
  boostedTrees,
  createRandom,
  encodeModel,
  logisticRegression,
  normals,
} from '@shardmill/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { SyncSession } from '../onnx/sync-session.js';
import { CheckedSubstitute } from './checked-substitute.js';
import { makeSubstitute, type ModelSubstitute } from './model-substitute.js';
import { CHECKED_ROWS, substituteDifference } from './substitute-difference.js';
import { KernelColumns } from './kernel-columns.js';
import { Substitute } from './substitute.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-substitute-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const WIDTH = 4;
const ROWS = 9000;
const tensor = (name: string, type: TensorInfo['type'], ...rest: number[]): TensorInfo => ({
  name,
  type,
  shape: ['N', ...rest],
});
const matrix = (input: string, width: number): Scoring['features'][number] => ({
  input,
  type: 'float32',
  layout: 'scalars',
  width,
  rowShape: [width],
  columns: [],
});

interface Case {
  readonly model: Uint8Array;
  readonly features: Scoring['features'];
  readonly outputs: TensorInfo[];
  readonly inputs?: TensorInfo[];
}

async function open(
  what: Case,
): Promise<{ file: string; made: Awaited<ReturnType<typeof makeSubstitute>> }> {
  const file = path.join(folder, 'model.onnx');
  await writeFile(file, what.model);
  const { features, outputs, inputs = [] } = what;
  const model = { uri: file, sha256: '', bytes: 0, externalData: [], inputs, outputs };
  return { file, made: await makeSubstitute(file, { features, model }) };
}

async function planOf(what: Case): Promise<{ file: string; plan: ModelSubstitute }> {
  const { file, made } = await open(what);
  if ('why' in made) throw new Error(made.why);
  return { file, plan: made };
}

function openPlan(plan: ModelSubstitute, features: Scoring['features']): Substitute {
  const substitute = Substitute.open(plan, features, 1, (why) => {
    throw new Error(why);
  });
  if (substitute === undefined) throw new Error('there is no substitute');
  return substitute;
}

function feedsFor(features: Scoring['features'], rows: number): BatchTensor[] {
  const random = createRandom(3);
  return features.map(({ input: name, type, rowShape, width }) => ({
    name,
    type,
    rowShape,
    width,
    data: normals(random, rows * width),
  }));
}

/** Scores both ways. */
async function bothWays(what: Case): Promise<{ got: BatchTensor[]; wanted: BatchTensor[] }> {
  const { file, plan } = await planOf(what);
  const runtime = SyncSession.load(file, 1);
  const feeds = feedsFor(what.features, ROWS);
  const names = what.outputs.map(({ name }) => name);
  return {
    got: openPlan(plan, what.features).run(feeds, ROWS, names),
    wanted: runtime?.run(feeds, ROWS, names) ?? [],
  };
}

const TREES: Case = {
  model: boostedTrees({ features: WIDTH, trees: 20, depth: 4 }),
  features: [matrix('features', WIDTH)],
  outputs: [tensor('score', 'float32', 1)],
};

/** A classifier behind a scaler of two inputs, with its label cast, as pipelines are exported. */
function pipeline(): Uint8Array {
  const ints = (...values: number[]) => ({ ints: values });
  return encodeModel({
    graph: {
      name: 'pipeline',
      inputs: [
        { name: 'a', type: 'float32', shape: ['N', 1] },
        { name: 'b', type: 'float32', shape: ['N', 1] },
      ],
      outputs: [
        { name: 'label', type: 'int32', shape: ['N'] },
        { name: 'probabilities', type: 'float32', shape: ['N', 2] },
      ],
      nodes: [
        { op: 'Concat', inputs: ['a', 'b'], outputs: ['both'], attributes: { axis: { int: 1 } } },
        { op: 'Mul', inputs: ['both', 'factors'], outputs: ['scaled'] },
        {
          op: 'TreeEnsembleClassifier',
          domain: 'ai.onnx.ml',
          inputs: ['scaled'],
          outputs: ['raw_label', 'raw'],
          attributes: {
            classlabels_int64s: ints(0, 1),
            nodes_treeids: ints(0, 0, 0),
            nodes_nodeids: ints(0, 1, 2),
            nodes_modes: { strings: ['BRANCH_LEQ', 'LEAF', 'LEAF'] },
            nodes_featureids: ints(1, 0, 0),
            nodes_values: { floats: [0.5, 0, 0] },
            nodes_truenodeids: ints(1, 0, 0),
            nodes_falsenodeids: ints(2, 0, 0),
            class_treeids: ints(0, 0),
            class_nodeids: ints(1, 2),
            class_ids: ints(0, 0),
            class_weights: { floats: [-1, 2] },
            post_transform: { string: 'LOGISTIC' },
          },
        },
        { op: 'Cast', inputs: ['raw_label'], outputs: ['label'], attributes: { to: { int: 6 } } },
        { op: 'Identity', inputs: ['raw'], outputs: ['probabilities'] },
      ],
      initializers: [{ name: 'factors', type: 'float32', shape: [2], data: Float32Array.of(1, 3) }],
    },
  });
}

const PIPELINE: Case = {
  model: pipeline(),
  features: [matrix('a', 1), matrix('b', 1)],
  outputs: [tensor('label', 'int32'), tensor('probabilities', 'float32', 2)],
};

describe('a model whose trees are scored by the kernel', () => {
  it('has the scores of ONNX Runtime, with what comes after the trees', async () => {
    const { got, wanted } = await bothWays(TREES);
    expect(got).toEqual(wanted);
  });

  it('has them with what comes before the trees, too', async () => {
    const { got, wanted } = await bothWays(PIPELINE);
    expect(got).toEqual(wanted);
    expect(new Set(Array.from<unknown>(got[0]?.data ?? []))).toEqual(new Set([0, 1]));
  });

  it('takes columns only where nothing comes before', async () => {
    const columns = async (what: Case): Promise<KernelColumns | undefined> =>
      KernelColumns.open(openPlan((await planOf(what)).plan, what.features), what.features);
    expect(await columns(TREES)).toBeDefined();
    expect(await columns(PIPELINE)).toBeUndefined();
  });

  it('survives being posted to a thread', async () => {
    const { kernel } = (await planOf(TREES)).plan;
    if (kernel === undefined) throw new Error('there is no kernel');
    const copy = structuredClone({ ...kernel, program: { ...kernel.program, module: undefined } });
    expect(copy.direct).toEqual(kernel.direct);
    expect(copy.after).toEqual(kernel.after);
  });
});

describe('a model is left to ONNX Runtime', () => {
  it.each<[string, Partial<Case>, string]>([
    ['without trees', { model: logisticRegression({ features: WIDTH }) }, 'has no tree ensemble'],
    [
      'with a fixed batch dimension',
      { inputs: [{ name: 'features', type: 'float32', shape: [64, WIDTH] }] },
      'a fixed batch dimension',
    ],
    ['whose rows are too narrow', { features: [matrix('features', 2)] }, 'a row has 2'],
    [
      'whose input is not float32',
      { features: [{ ...matrix('features', WIDTH), type: 'float64' }] },
      'not float32 of the shape [N, F]',
    ],
  ])('%s', async (_, change, why) => {
    const { made } = await open({ ...TREES, ...change });
    expect(made).toEqual({ why: expect.stringContaining(why) });
  });

  it('that is not understood', async () => {
    const { made } = await open({ ...TREES, model: Uint8Array.of(1, 2, 3) });
    expect(made).toEqual({ why: expect.stringContaining('cannot be read') });
  });
});

describe('the first rows of a run', () => {
  const scores = (...values: number[]): BatchTensor[] => [
    { name: 'y', type: 'float32', rowShape: [], width: 1, data: Float32Array.from(values) },
  ];

  it('must be the same to the bit where nothing is computed by e^x', () => {
    expect(substituteDifference(scores(1, 2), scores(1, 2), true)).toBeUndefined();
    expect(substituteDifference(scores(1, NaN), scores(1, NaN), true)).toBeUndefined();
    expect(substituteDifference(scores(1, 2.0000002), scores(1, 2), true)).toMatch(
      /"y" of row 1 is 2/,
    );
    expect(substituteDifference(scores(0), scores(-0), true)).toMatch(/row 0/);
  });

  it('may differ by the last bit where something is', () => {
    expect(substituteDifference(scores(0.5), scores(0.50000006), false)).toBeUndefined();
    expect(substituteDifference(scores(0.5), scores(0.5000002), false)).toMatch(/row 0/);
    expect(substituteDifference(scores(NaN), scores(0.5), false)).toMatch(/row 0/);
  });

  it('must be of the same shape', () => {
    expect(substituteDifference(scores(1), scores(1, 2), false)).toMatch(/type or shape/);
  });

  it('decide for a lane between the kernel and the model, which is asked no more or always', async () => {
    const { plan } = await planOf(TREES);
    const other = await planOf({
      ...TREES,
      model: boostedTrees({ features: WIDTH, trees: 20, depth: 4, seed: 2 }),
    });
    const runtime = SyncSession.load(other.file, 1);
    for (const [own, same] of [
      [other.plan, true],
      [plan, false],
    ] as const) {
      const problems: string[] = [];
      let asked = 0;
      const substitute = new CheckedSubstitute(openPlan(own, TREES.features), (what) => {
        if (what !== undefined) problems.push(what);
      });
      const run = async (feeds: readonly BatchTensor[], rows: number): Promise<BatchTensor[]> => {
        asked += rows;
        return runtime?.run(feeds, rows, ['score']) ?? [];
      };
      const feeds = feedsFor(TREES.features, ROWS);
      const wanted = runtime?.run(feeds, ROWS, ['score']);
      expect(await substitute.run(feeds, ROWS, ['score'], run)).toEqual(wanted);
      expect(await substitute.run(feeds, ROWS, ['score'], run)).toEqual(wanted);
      expect([substitute.inUse, problems.length, asked]).toEqual(
        same ? [true, 0, CHECKED_ROWS] : [false, 1, CHECKED_ROWS + 2 * ROWS],
      );
    }
  });

  describe('in batches of few rows', () => {
    it('add up to the check', async () => {
      const { substitute, runModel, asked, decided } = await checked(TREES);
      const feeds = feedsFor(TREES.features, 20);
      const wanted = await runModel(feeds, 20);
      for (const used of [false, false, true, true]) {
        expect(await substitute.run(feeds, 20, ['score'], runModel)).toEqual(wanted);
        expect(substitute.inUse).toBe(used);
      }
      expect([asked.rows, decided]).toEqual([20 + 3 * 20, [undefined]]);
    });

    it('are checked one after the other where they are asked for at once', async () => {
      const { substitute, runModel, decided } = await checked(TREES, 2);
      const feeds = feedsFor(TREES.features, 60);
      const wanted = await runModel(feeds, 60);
      const both = [1, 2].map(() => substitute.run(feeds, 60, ['score'], runModel));
      expect(await Promise.all(both)).toEqual([wanted, wanted]);
      expect([substitute.inUse, decided.length]).toEqual([false, 1]);
    });
  });

  it('need not be checked where another lane has done so', async () => {
    for (const same of [true, false]) {
      const { substitute, runModel, asked, decided } = await checked(TREES);
      substitute.settle(same);
      const feeds = feedsFor(TREES.features, ROWS);
      await substitute.run(feeds, ROWS, ['score'], runModel);
      expect([substitute.inUse, asked.rows, decided]).toEqual([same, same ? 0 : ROWS, []]);
    }
  });
});

/** A substitute, of a model of the given seed, of the model in `TREES`. */
async function checked(what: Case, seed = 1) {
  const runtime = SyncSession.load((await planOf(what)).file, 1);
  const model = boostedTrees({ features: WIDTH, trees: 20, depth: 4, seed });
  const { plan } = await planOf({ ...what, model });
  const decided: (string | undefined)[] = [];
  const asked = { rows: 0 };
  return {
    substitute: new CheckedSubstitute(openPlan(plan, what.features), (difference) =>
      decided.push(difference),
    ),
    runModel: async (feeds: readonly BatchTensor[], rows: number): Promise<BatchTensor[]> => {
      asked.rows += rows;
      return runtime?.run(feeds, rows, ['score']) ?? [];
    },
    asked,
    decided,
  };
}
