import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Scoring } from '@shardmill/core';
import { boostedTrees, logisticRegression } from '@shardmill/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeScorer, type ScorerDescription } from './describe-scorer.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-scorer-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function described(
  model: Uint8Array,
  treeKernel: 'auto' | 'off' = 'auto',
): Promise<ScorerDescription> {
  const file = path.join(folder, 'model.onnx');
  await writeFile(file, model);
  const scoring: Scoring = {
    input: { columns: [], used: [], layouts: [], partitionColumns: [], where: null },
    model: {
      uri: file,
      sha256: '',
      bytes: model.length,
      externalData: [],
      inputs: [],
      outputs: [{ name: 'score', type: 'float32', shape: ['N', 1] }],
    },
    features: [
      {
        input: 'features',
        type: 'float32',
        layout: 'scalars',
        width: 3,
        rowShape: [3],
        columns: [],
      },
    ],
    transform: null,
    nulls: 'reject',
    output: { uri: folder, columns: [], compression: 'zstd', rowGroupRows: 1 },
  };
  return describeScorer({ scoring, treeKernel }, { locate: async ({ uri }) => uri });
}

it('names the kernel for trees, and says why where it is not used', async () => {
  const trees = boostedTrees({ features: 3, trees: 4, depth: 3 });
  expect(await described(trees)).toEqual({ scoredBy: ['treeKernel'] });
  expect(await described(trees, 'off')).toEqual({
    scoredBy: [],
    why: 'resources.treeKernel is off',
  });
  expect(await described(logisticRegression({ features: 3 }))).toEqual({
    scoredBy: [],
    why: 'the model has no tree ensemble',
  });
});
