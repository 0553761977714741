import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRandom, normals, type Random } from '@shardmill/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BoundFeature } from '@shardmill/core';
import type { BatchTensor } from '../onnx/batch-tensor.js';
import { SyncSession } from '../onnx/sync-session.js';
import {
  drawText,
  drawTextModel,
  TEXT_MODEL_ENDS,
  type TextModel,
} from '../testing/random-text-model.js';
import { makeSubstitute, type ModelSubstitute } from './model-substitute.js';
import { Substitute } from './substitute.js';

/** More on request: each seed is another model. */
const SEEDS = Number(process.env['SHARDMILL_TEXT_SEEDS'] ?? 15);
const ROWS = 300;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-text-models-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const featuresOf = ({ inputs }: TextModel): BoundFeature[] =>
  inputs.map(({ name, type }) => ({
    input: name,
    type,
    layout: 'scalars',
    width: 1,
    rowShape: [1],
    columns: [{ label: name, sql: name }],
  }));

async function planOf(drawn: TextModel): Promise<{ file: string; plan: ModelSubstitute }> {
  const file = path.join(folder, 'model.onnx');
  await writeFile(file, drawn.model);
  const [inputs, outputs] = [[...drawn.inputs], drawn.outputs];
  const model = { uri: file, sha256: '', bytes: 0, externalData: [], inputs, outputs };
  const plan = await makeSubstitute(file, { features: featuresOf(drawn), model });
  if ('why' in plan) throw new Error(plan.why);
  return { file, plan };
}

function drawFeeds(random: Random, drawn: TextModel): BatchTensor[] {
  return drawn.inputs.map(({ name, type }) => ({
    name,
    type,
    rowShape: [1],
    width: 1,
    data:
      type === 'string'
        ? Array.from({ length: ROWS }, () => drawText(random))
        : normals(random, ROWS),
  }));
}

describe('texts that have encoders', () => {
  it.each(TEXT_MODEL_ENDS)(
    'become the same numbers by tables as in the model, to the bit, with %s behind them',
    async (end) => {
      let groups = 0;
      for (let seed = 1; seed <= SEEDS; seed++) {
        const random = createRandom(seed);
        const drawn = drawTextModel(random, end);
        const { file, plan } = await planOf(drawn);
        const texts = drawn.inputs.filter(({ type }) => type === 'string').map(({ name }) => name);
        const left = plan.texts?.rest?.inputs.filter((name) => texts.includes(name)) ?? [];
        expect(left, `seed ${seed}`).toEqual([]);
        groups += plan.texts?.encoders.filter(({ inputs }) => inputs.length > 1).length ?? 0;
        expect(plan.kernel !== undefined).toBe(end === 'trees' || end === 'both');
        expect(plan.texts?.rest === undefined).toBe(end === 'nothing');
        const substitute = Substitute.open(plan, featuresOf(drawn), 1, (why) => {
          throw new Error(why);
        });
        const runtime = SyncSession.load(file, 1);
        // A second batch has texts that are in the tables, and new ones.
        for (let batch = 0; batch < 2; batch++) {
          const feeds = drawFeeds(random, drawn);
          const names = drawn.outputs.map(({ name }) => name);
          const wanted = runtime?.run(feeds, ROWS, names);
          const got = substitute?.run(feeds, ROWS, names);
          expect(got, `seed ${seed}`).toEqual(wanted);
        }
      }
      expect(groups).toBeGreaterThan(0);
    },
  );
});
