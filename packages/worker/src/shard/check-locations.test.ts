import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileStore } from '@shardmill/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
