import {
  canonicalJson,
  MANIFEST_FORMAT,
  manifestKey,
  type ObjectStore,
  planKey,
  profileKey,
  SUCCESS_KEY,
} from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../testing/memory-store.js';
import { profileOf } from '../testing/profiles.js';
import { syntheticPlan } from '../testing/synthetic-plan.js';
import { findBaseline } from './find-baseline.js';

const encode = (value: unknown): Uint8Array => Buffer.from(canonicalJson(value));

/** Locations of memory stores: `/out` is the job's output. */
class Places {
  readonly stores = new Map<string, MemoryStore>();

  open(uri: string): MemoryStore {
    const store = this.stores.get(uri) ?? new MemoryStore(uri);
    this.stores.set(uri, store);
    return store;
  }

  objectAt(uri: string): { store: MemoryStore; key: string } {
    const cut = uri.lastIndexOf('/');
    return { store: this.open(uri.slice(0, cut)), key: uri.slice(cut + 1) };
  }

  find(baseline: string, jobName = 'test') {
    return findBaseline({ stores: this, baseline, base: '/jobs', output: '/out', jobName });
  }
}

/** A run that has finished there, with a profile unless it is from before there were any. */
async function addRun(
  store: ObjectStore,
  second: number,
  { job = 'test', withProfile = true } = {},
): Promise<string> {
  const runId = `20261122T05000${second}Z-00000000`;
  const output = store.uri;
  const made = syntheticPlan({ runId, output, shards: 1, createdAt: new Date(second * 1000) });
  const plan = { ...made.plan, job: { name: job, params: {} } };
  await store.create(planKey(runId), encode(plan));
  await store.create(profileKey(runId), encode(profileOf(plan, [second])));
  const manifest = {
    format: MANIFEST_FORMAT,
    runId,
    planDigest: plan.digest,
    job: plan.job,
    createdAt: plan.createdAt,
    finishedAt: plan.createdAt,
    rows: { read: 0, scored: 0, rejected: 0, filtered: 0 },
    rejectedBudget: 0,
    model: { uri: 'm', sha256: 'f' },
    schema: [],
    parts: [],
    rejected: [],
    bytes: 0,
    statistics: {},
    seconds: {},
    versions: {},
    ...(withProfile && { profile: { key: profileKey(runId), bytes: 1, sha256: 'f' } }),
  };
  await store.create(manifestKey(runId), encode(manifest));
  await store.replace(SUCCESS_KEY, encode({ runId, manifest: manifestKey(runId) }));
  return runId;
}

describe('the baseline "previous"', () => {
  it('is nothing at an empty location', async () => {
    expect(await new Places().find('previous')).toBeUndefined();
  });

  it('is the last finished run of the job that has a profile', async () => {
    const places = new Places();
    const store = places.open('/out');
    const runId = await addRun(store, 1);
    await addRun(store, 2, { job: 'another' });
    await addRun(store, 3, { withProfile: false });
    // One that has not finished.
    const made = syntheticPlan({
      runId: 'r4',
      output: '/out',
      shards: 1,
      createdAt: new Date(4e3),
    });
    await store.create(planKey('r4'), encode(made.plan));
    const found = await places.find('previous');
    expect(found?.profile.runId).toBe(runId);
    expect(found?.uri).toBe(`/out/${profileKey(runId)}`);
  });
});

describe('a baseline by its place', () => {
  it('is a run of the output location, a file, or the last run of another location', async () => {
    const places = new Places();
    const runId = await addRun(places.open('/out'), 1);
    await addRun(places.open('/out'), 2);
    const other = await addRun(places.open('/jobs/yesterday'), 3, { job: 'another' });
    const { plan } = syntheticPlan({ runId: 'r9', output: '/out', shards: 1 });
    await places.open('/jobs').create('base.json', encode(profileOf(plan, [1])));
    const idOf = async (baseline: string) => (await places.find(baseline))?.profile.runId;
    expect(await idOf(runId)).toBe(runId);
    expect(await idOf('yesterday')).toBe(other);
    expect(await idOf('base.json')).toBe('r9');
  });

  it.each([
    ['s3://lake/train.parquet', 's3://lake/train.profile.json'],
    ['s3://lake/train/*.parquet', 's3://lake/train.profile.json'],
  ])('is no data set: for %s the command that profiles it is named', async (uri, beside) => {
    await expect(new Places().find(uri)).rejects.toMatchObject({
      remedy: expect.stringMatching(
        new RegExp(
          `profile create JOB --input .*train.* --output ${beside}; .* baseline: '${beside}'`,
        ),
      ),
    });
  });

  it('is refused where nothing is there', async () => {
    const places = new Places();
    for (const baseline of ['20261122T050001Z-00000000', 'base.json', 'yesterday']) {
      await expect(places.find(baseline)).rejects.toMatchObject({
        code: 'DRIFT_BASELINE_NOT_FOUND',
      });
    }
  });

  it.each([
    ['it is not JSON', 'PAR1'],
    ['it is no profile', '{"format":"shardmill-profile/1"}'],
  ])('is refused where %s', async (message, content) => {
    const places = new Places();
    await places.open('/jobs').create('base.json', Buffer.from(content));
    await expect(places.find('base.json')).rejects.toMatchObject({
      code: 'DRIFT_BASELINE_UNREADABLE',
      message: expect.stringContaining(message),
      where: '/jobs/base.json',
    });
  });
});
