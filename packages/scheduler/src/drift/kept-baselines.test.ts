import type { Plan } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../testing/memory-store.js';
import { profileOf } from '../testing/profiles.js';
import { syntheticPlan } from '../testing/synthetic-plan.js';
import { findKeptBaseline, keptBaselineKey } from './kept-baselines.js';

const { plan } = syntheticPlan({ runId: 'r1', output: '/out', shards: 1 });
const { scoring } = plan;
const keyOf = (change: Partial<Plan>): string => keptBaselineKey({ ...plan, ...change });

describe('the profile of a training set', () => {
  it('is kept by the files of the set and by what scores them', () => {
    const key = keyOf({});
    expect(key).toMatch(/^baselines\/[0-9a-f]{64}\.json$/);
    const others = [
      { pages: [{ shards: 1, sha256: 'other files' }] },
      { scoring: { ...scoring, model: { ...scoring.model, sha256: 'another model' } } },
      { scoring: { ...scoring, input: { ...scoring.input, where: 'a > 1' } } },
      { scoring: { ...scoring, nulls: 'nan' as const } },
      { scoring: { ...scoring, output: { ...scoring.output, columns: [] } } },
      { profile: { sampling: { every: 1, blockRows: 64 }, features: [], omitted: 7 } },
    ].map(keyOf);
    expect(new Set([key, ...others]).size).toBe(7);
  });

  it('is the same for every run, wherever that writes to', () => {
    const output = { ...scoring.output, uri: 's3://elsewhere' };
    expect(keyOf({ runId: 'r2', digest: 'd', scoring: { ...scoring, output } })).toBe(keyOf({}));
  });

  it('is found where it was kept, unless this version cannot read it', async () => {
    const store = new MemoryStore('/state');
    const profile = profileOf(plan, [1]);
    await store.create('a', Buffer.from(JSON.stringify(profile)));
    await store.create('b', Buffer.from('{"format":"shardmill-profile/9"}'));
    await store.create('c', Buffer.from('{'));
    expect(await findKeptBaseline(store, 'a')).toEqual(profile);
    for (const key of ['b', 'c', 'd']) {
      expect(await findKeptBaseline(store, key)).toBeUndefined();
    }
  });
});
