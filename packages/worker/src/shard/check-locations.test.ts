import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BoundFeature, FileStore } from '@shardmill/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { usualImage } from '../testing/usual-image.js';
import { storeSamplePlan } from '../testing/sample-plan.js';
import { checkOutput, checkReads } from './check-locations.js';
import type { FoundShard } from './stored-plans.js';

let folder: string;
let found: FoundShard;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-locations-'));
  const { plan, shards } = await storeSamplePlan(
    new FileStore(folder),
    '20260101T000000Z-00000000',
  );
  const [shard] = shards;
  if (shard === undefined) throw new Error('the plan has no shard');
  const { scoring } = plan;
  found = {
    shard,
    plan: {
      ...plan,
      inputUris: ['s3://in/data'],
      scoring: {
        ...scoring,
        model: { ...scoring.model, uri: 's3://models/m.onnx' },
        output: { ...scoring.output, uri: 's3://out/x' },
      },
    },
  };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const rules = (elsewhere: string) => ({
  allow: { regions: ['eu-*'] },
  regionOf: async (location: string) => (location.startsWith(elsewhere) ? 'us-1' : 'eu-1'),
});
const forbidden = (where: string) => ({ code: 'LOCATION_FORBIDDEN', where });

test('a worker reads images that the data names only where its own settings allow it', async () => {
  const { plan } = found;
  const image = { ...usualImage, from: 's3://photos/shop' };
  const features: BoundFeature[] = [
    { input: 'x', type: 'float32', layout: 'image', image, width: 1, rowShape: [1], columns: [] },
  ];
  const withImages = { ...found, plan: { ...plan, scoring: { ...plan.scoring, features } } };
  const regionOf = async (): Promise<undefined> => undefined;
  const inputs = ['s3://in', ...found.shard.files.map(({ uri }) => uri)];
  await expect(checkReads({ allow: { inputs }, regionOf }, withImages)).rejects.toMatchObject(
    forbidden('s3://photos/shop'),
  );
  await checkReads({ allow: { inputs: [...inputs, 's3://photos'] }, regionOf }, withImages);
});

describe('a worker whose settings name regions', () => {
  test('writes into those alone', async () => {
    await checkOutput(rules('s3://in'), found);
    await expect(checkOutput(rules('s3://out'), found)).rejects.toMatchObject(
      forbidden('s3://out/x'),
    );
  });

  test('reads from those alone', async () => {
    await checkReads(rules('s3://out'), found);
    for (const where of ['s3://in/data', 's3://models/m.onnx']) {
      await expect(checkReads(rules(where), found)).rejects.toMatchObject(forbidden(where));
    }
  });
});
