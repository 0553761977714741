import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { BoundFeature } from '@shardmill/core';
import { boostedTrees, createRandom, normals } from '@shardmill/test-kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallSize } from '../infer/call-size.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { SyncSession } from '../onnx/sync-session.js';
import { makeSubstitute, type ModelSubstitute } from '../substitute/model-substitute.js';
import type { LaneRequest, LoadedModel } from './lane-messages.js';
import { LanePool, type ScoredBatch } from './lane-pool.js';

const WIDTH = 4;
const OPTIONS = { threads: 1, providers: ['cpu' as const] };
const FEATURES: BoundFeature[] = [
  {
    input: 'features',
    type: 'float32',
    layout: 'scalars',
    width: WIDTH,
    rowShape: [WIDTH],
    columns: [],
  },
];

let folder = '';
let pool: LanePool;
let notices: string[];
/** Batches that each lane was sent. */
let batches: number[];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-lane-pool-'));
  await writeFile(file('model'), boostedTrees({ features: WIDTH, trees: 20, depth: 4 }));
  await writeFile(file('other'), boostedTrees({ features: WIDTH, trees: 20, depth: 4, seed: 2 }));
  batches = [];
  pool = new LanePool(startThread);
  notices = [];
  pool.onNotice = (text) => notices.push(text);
});
afterEach(async () => {
  await pool.close();
  await rm(folder, { recursive: true, force: true });
});

/** A thread of the compiled lane, since threads load no TypeScript. */
function startThread(): Worker {
  const lane = batches.push(0) - 1;
  const thread = new Worker(new URL('../../dist/lane/lane.js', import.meta.url), {
    workerData: { ahead: false },
  });
  const post = thread.postMessage.bind(thread);
  vi.spyOn(thread, 'postMessage').mockImplementation((request: LaneRequest, transfer) => {
    if (request.kind === 'batch') batches[lane] = (batches[lane] ?? 0) + 1;
    post(request, transfer);
  });
  return thread;
}

const file = (name: string): string => path.join(folder, `${name}.onnx`);

/** The kernel of a model's trees. */
async function kernelOf(name: string, first: LoadedModel): Promise<ModelSubstitute> {
  const outputs = [{ name: 'score', type: 'float32' as const, shape: ['N', 1] }];
  const { inputs } = first;
  const model = { uri: file(name), sha256: '', bytes: 0, externalData: [], inputs, outputs };
  const made = await makeSubstitute(file(name), { features: FEATURES, model });
  if ('why' in made) throw new Error(made.why);
  return made;
}

const feedsOf = (rows: number, seed: number): BatchTensor[] => [
  {
    name: 'features',
    type: 'float32',
    rowShape: [WIDTH],
    width: WIDTH,
    data: normals(createRandom(seed), rows * WIDTH),
  },
];

/** Batches that are handed over one after the other, as fast as lanes take them. */
async function scoreAll(count: number, rows: number): Promise<ScoredBatch[]> {
  const results: Promise<ScoredBatch>[] = [];
  for (let seed = 0; seed < count; seed++) {
    const feeds = feedsOf(rows, seed);
    const { result } = await pool.submit({ rows, feeds, outputs: ['score'], reuse: () => {} });
    results.push(result);
  }
  return Promise.all(results);
}

function expectScores(scored: readonly ScoredBatch[], rows: number): void {
  const runtime = SyncSession.load(file('model'), 1);
  for (const [seed, { outputs, failures }] of scored.entries()) {
    expect(failures).toEqual([]);
    expect(outputs).toEqual(runtime?.run(feedsOf(rows, seed), rows, ['score']));
  }
}

const isByKernel = ({ scoredBy }: ScoredBatch): boolean => scoredBy.includes('treeKernel');

describe('a lane that opens the model only when it needs it', () => {
  // There is no such file: to open the model would fail.
  const add = (first: LoadedModel, from = 'missing'): Promise<LoadedModel> =>
    pool.addLane(file(from), OPTIONS, { known: first });

  it('scores by the kernel, to the bit, once another lane has checked its first rows', async () => {
    const first = await pool.addLane(file('model'), OPTIONS);
    await add(first);
    pool.useSubstitute(await kernelOf('model', first), FEATURES);
    // The first five of them are scored both ways, in the first lane.
    const scored = await scoreAll(40, 10);
    expectScores(scored, 10);
    expect(scored.map(isByKernel)).toEqual(scored.map((_, index) => index >= 4));
    // One that is added later takes over what was found.
    await add(first);
    expect((await scoreAll(40, 10)).every(isByKernel)).toBe(true);
    expect(Math.min(...batches)).toBeGreaterThan(0);
    expect(notices).toEqual([]);
  });

  it('waits for the check of each run', async () => {
    const first = await pool.addLane(file('model'), OPTIONS);
    await add(first);
    pool.useSubstitute(await kernelOf('model', first), FEATURES);
    await scoreAll(10, 100);
    pool.useSubstitute(await kernelOf('model', first), FEATURES);
    const scored = await scoreAll(40, 10);
    expectScores(scored, 10);
    expect(scored.filter(isByKernel).length).toBe(36);
  });

  it('opens it where the kernel scores otherwise in the first lane, and no lane uses the kernel', async () => {
    const first = await pool.addLane(file('model'), OPTIONS);
    await add(first, 'model');
    pool.useSubstitute(await kernelOf('other', first), FEATURES);
    const scored = await scoreAll(40, 100);
    expectScores(scored, 100);
    expect(scored.some(isByKernel)).toBe(false);
    expect(Math.min(...batches)).toBeGreaterThan(0);
    expect(notices).toEqual([
      expect.stringMatching(/^the model is scored by ONNX Runtime alone: output "score" of row 0 /),
    ]);
  });

  it('opens it where there is no kernel, and says why it cannot', async () => {
    const first = await pool.addLane(file('model'), OPTIONS);
    await add(first);
    await expect(scoreAll(40, 100)).rejects.toThrow(/missing\.onnx/);
  });
});

describe('a lane', () => {
  it.each([
    ['as soon as the kernel scores, which divides them itself', 'model', true],
    ['but not where it does not', 'other', false],
  ])('gets batches of as many rows as there are, %s', async (_, kernel, isWhole) => {
    const first = await pool.addLane(file('model'), OPTIONS);
    pool.useSubstitute(await kernelOf(kernel, first), FEATURES);
    pool.calls.use(
      new CallSize({ maxRows: 8192, lanes: 1, memoryBytes: 2 ** 40, onDevice: false }, 0),
    );
    expect(pool.calls.batchRows(8192)).toBeLessThan(8192);
    await scoreAll(1, 100);
    expect(pool.calls.batchRows(8192) === 8192).toBe(isWhole);
    pool.useSubstitute(undefined, FEATURES);
    expect(pool.calls.batchRows(8192)).toBeLessThan(8192);
  });
});
