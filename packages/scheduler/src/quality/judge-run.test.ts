import {
  acceptanceKey,
  type Check,
  manifestKey,
  type ObjectStore,
  type Plan,
  profileKey,
  qualityKey,
  SUCCESS_KEY,
} from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { finalizeRun } from '../finalize/finalize-run.js';
import { beginRun } from '../output/begin-run.js';
import { startRun } from '../output/start-run.js';
import { InterceptedStore } from '../testing/intercepted-store.js';
import { MemoryStore } from '../testing/memory-store.js';
import { keysOf, work } from '../testing/run.js';
import { syntheticPlan } from '../testing/synthetic-plan.js';
import { acceptRun } from './accept-run.js';
import { RunHistory } from './history/run-history.js';

const TOO_MANY: Check = {
  name: 'enough',
  kind: 'rowCount',
  rows: 'scored',
  min: 10_000,
  severity: 'fail',
};
const UNUSUAL: Check = { ...TOO_MANY, name: 'unusual', severity: 'warn' };
const ANY: Check = { ...TOO_MANY, name: 'any', min: 1 };

const profile = { sampling: { every: 1, blockRows: 64 }, features: [], omitted: 0 };

/** A store with a run whose shards all have their records. */
async function worked(
  checks: readonly Check[],
  runId = 'r1',
  mode: Plan['mode'] = 'create',
  table?: 'delta',
) {
  const store = new MemoryStore('s3://lake/out');
  const { plan } = await workAt(store, checks, runId, mode, table);
  return { store, plan };
}

async function workAt(
  store: MemoryStore,
  checks: readonly Check[],
  runId: string,
  mode: Plan['mode'],
  table?: 'delta',
): Promise<{ plan: Plan }> {
  const made = syntheticPlan({
    runId,
    output: store.uri,
    shards: 2,
    input: `/data/${runId}`,
    mode,
    table,
  });
  const plan = { ...made.plan, profile, checks: { checks: [...checks] } };
  await startRun(store, { ...made, plan });
  await beginRun(store, plan);
  const shards = made.pages.flatMap((page) => page.shards);
  await work(
    store,
    { plan, pages: made.pages, shards },
    {
      change: (record) => ({ ...record, profile: { sampledRows: 0, features: [], outputs: [] } }),
    },
  );
  return { plan };
}

const finalize = (
  store: ObjectStore,
  plan: Plan,
  more: { now?: number; history?: RunHistory } = {},
) =>
  finalizeRun({
    store,
    plan,
    maxRejectedRows: 0,
    now: new Date(more.now ?? 1000),
    versions: {},
    seconds: {},
    history: more.history,
    describePart: async ({ rows }) => `{"numRecords":${rows.scored}}`,
  });

const accept = (store: ObjectStore, by = 'ada', reason = 'A holiday.', runId = 'r1') =>
  acceptRun(store, runId, { by, reason, now: new Date(2000) });

/** Dies before, or after, its n-th creation of an object. */
class DyingStore extends InterceptedStore {
  creations = 0;

  constructor(
    store: MemoryStore,
    readonly deadly: number,
    readonly when: 'before' | 'after',
  ) {
    super(store.uri, store.objects);
  }
  protected override async beforeCall(): Promise<void> {}
  override async create(...args: Parameters<MemoryStore['create']>) {
    const isLast = ++this.creations === this.deadly;
    if (isLast && this.when === 'before') throw new Error('killed');
    const created = await super.create(...args);
    if (isLast) throw new Error('killed');
    return created;
  }
}

describe('a run whose check failed', () => {
  it('ends before anything of its result is published, and keeps what is to be looked at', async () => {
    const { store, plan } = await worked([TOO_MANY, UNUSUAL, ANY]);
    await expect(finalize(store, plan)).rejects.toMatchObject({
      code: 'CHECKS_FAILED',
      exitCode: 5,
      message: '1 of 3 checks failed\nenough: 396 rows were scored; expected at least 10,000',
      remedy: expect.stringContaining('shardmill accept s3://lake/out --reason TEXT'),
    });
    const keys = await keysOf(store);
    expect(keys).toEqual(expect.arrayContaining([qualityKey('r1'), profileKey('r1')]));
    expect(keys).not.toContain(manifestKey('r1'));
    expect(keys).not.toContain(SUCCESS_KEY);
  });

  it('goes by its first evaluation, and does not run again into another one', async () => {
    const { store, plan } = await worked([TOO_MANY]);
    await expect(finalize(store, plan)).rejects.toMatchObject({ code: 'CHECKS_FAILED' });
    const before = [...store.objects].length;
    // Another process, with a plan that it changed: what is noted counts.
    await expect(finalize(store, { ...plan, checks: { checks: [ANY] } })).rejects.toMatchObject({
      code: 'CHECKS_FAILED',
    });
    expect([...store.objects]).toHaveLength(before);
  });

  it('is published with who accepted it, when and why', async () => {
    const { store, plan } = await worked([TOO_MANY]);
    await expect(finalize(store, plan)).rejects.toMatchObject({ code: 'CHECKS_FAILED' });
    const { acceptance, isOwn } = await accept(store, ' ada ', ' A holiday. ');
    expect(isOwn).toBe(true);
    const manifest = await finalize(store, plan);
    expect(manifest.quality).toMatchObject({
      outcomes: [{ name: 'enough', passed: false, observed: 396 }],
      accepted: { by: 'ada', reason: 'A holiday.', at: '1970-01-01T00:00:02.000Z' },
    });
    expect(manifest.quality?.accepted).toEqual(acceptance);
    expect(await store.head(SUCCESS_KEY)).toBeDefined();
  });

  it('is accepted by one of two persons, and the other learns by whom', async () => {
    const { store, plan } = await worked([TOO_MANY]);
    await expect(finalize(store, plan)).rejects.toMatchObject({ code: 'CHECKS_FAILED' });
    const both = await Promise.all([accept(store, 'ada'), accept(store, 'bob')]);
    expect(both.filter(({ isOwn }) => isOwn)).toHaveLength(1);
    expect(both[0]?.acceptance).toEqual(both[1]?.acceptance);
    // The same again, as after a lost answer.
    expect(await accept(store, both[0]?.acceptance.by)).toMatchObject({ isOwn: true });
  });

  it('comes to the same end wherever a finalizer is killed, before and after it is accepted', async () => {
    for (const when of ['before', 'after'] as const) {
      const { store, plan } = await worked([TOO_MANY]);
      for (const deadly of [1, 2]) {
        const dying = new DyingStore(store, deadly, when);
        await finalize(dying, plan).catch(() => undefined);
        expect(await store.head(SUCCESS_KEY)).toBeUndefined();
        expect(await store.head(manifestKey('r1'))).toBeUndefined();
      }
      await expect(finalize(store, plan)).rejects.toMatchObject({ code: 'CHECKS_FAILED' });
      await accept(store);
      for (let deadly = 1; ; deadly++) {
        const dying = new DyingStore(store, deadly, when);
        const finished = await finalize(dying, plan, { now: 5000 + deadly }).then(
          () => true,
          () => false,
        );
        if (finished && dying.creations < deadly) break;
      }
      const manifest = await finalize(store, plan, { now: 99_000 });
      expect(manifest.quality?.accepted?.by).toBe('ada');
      expect(await store.head(SUCCESS_KEY)).toBeDefined();
    }
  });

  it('ends in one way for two finalizers at once', async () => {
    const { store, plan } = await worked([TOO_MANY]);
    const ends = await Promise.allSettled([finalize(store, plan), finalize(store, plan)]);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await accept(store);
    const [one, two] = await Promise.all([finalize(store, plan), finalize(store, plan)]);
    expect(one.quality?.accepted).toEqual(two.quality?.accepted);
    expect(one.runId).toBe(two.runId);
  });

  it('commits nothing to a table', async () => {
    const { store, plan } = await worked([TOO_MANY], 'r1', 'append', 'delta');
    await expect(finalize(store, plan)).rejects.toMatchObject({ code: 'CHECKS_FAILED' });
    expect(await keysOf(store, '_delta_log/')).toEqual([]);
    await accept(store);
    await finalize(store, plan);
    expect(await keysOf(store, '_delta_log/')).toHaveLength(1);
  });

  it('leaves the results of the run before it as they were', async () => {
    const { store, plan } = await worked([], 'r0', 'overwrite');
    await finalize(store, plan);
    const earlier = (await keysOf(store)).filter((key) => key.includes('r0'));
    const later = await workAt(store, [TOO_MANY], 'r1', 'overwrite');
    await expect(finalize(store, later.plan)).rejects.toMatchObject({ code: 'CHECKS_FAILED' });
    expect(await keysOf(store)).toEqual(expect.arrayContaining(earlier));
    await accept(store);
    await finalize(store, later.plan);
    expect((await keysOf(store)).filter((key) => key.includes('r0'))).toEqual([]);
  });
});

describe('a run whose checks passed, or only warn', () => {
  it('is published with their outcomes, and cannot be accepted', async () => {
    const { store, plan } = await worked([ANY, UNUSUAL]);
    const manifest = await finalize(store, plan);
    expect(manifest.quality).toMatchObject({
      outcomes: [
        { name: 'any', passed: true },
        { name: 'unusual', passed: false, severity: 'warn' },
      ],
    });
    expect(manifest.quality).not.toHaveProperty('accepted');
    await expect(accept(store)).rejects.toMatchObject({
      code: 'RUN_STATE',
      message: expect.stringContaining('none of its checks has failed'),
    });
    expect(await store.head(acceptanceKey('r1'))).toBeUndefined();
  });

  it('has nothing of this where the job has no checks', async () => {
    const store = new MemoryStore('s3://lake/out');
    const made = syntheticPlan({ runId: 'r1', output: store.uri, shards: 1 });
    await startRun(store, made);
    await work(store, { ...made, shards: made.pages.flatMap((page) => page.shards) });
    expect(await finalize(store, made.plan)).not.toHaveProperty('quality');
    expect(await store.head(qualityKey('r1'))).toBeUndefined();
    await expect(accept(store)).rejects.toMatchObject({ code: 'RUN_STATE' });
  });

  it('needs a reason and a name to be accepted', async () => {
    const { store } = await worked([TOO_MANY]);
    await expect(accept(store, 'ada', '  ')).rejects.toMatchObject({
      code: 'USAGE',
      message: '--reason is empty, expected a text of 1 to 2000 characters',
    });
    await expect(accept(store, '')).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('the history of a job', () => {
  const compared: Check = {
    name: 'usual',
    kind: 'rowCount',
    rows: 'scored',
    previous: { runs: 5, factor: 1.5 },
    severity: 'fail',
  };

  it('has the finished runs, wherever their output is, and not those that failed', async () => {
    const history = new RunHistory(new MemoryStore('s3://state'));
    const first = await worked([compared], 'r1');
    await finalize(first.store, first.plan, { history });
    const failed = await worked([compared, TOO_MANY], 'r2');
    await expect(finalize(failed.store, failed.plan, { history })).rejects.toThrow();
    const third = await worked([compared], 'r3');
    const manifest = await finalize(third.store, third.plan, { history });
    expect(manifest.quality?.outcomes).toMatchObject([
      {
        passed: true,
        expected: 'from 264 to 594 (a factor of 1.5 around the median 396 of the last run)',
      },
    ]);
    expect(await history.of('test', 'r9')).toMatchObject([
      { run: 'r3', quality: 'passed', model: { sha256: 'f' } },
      { run: 'r1' },
    ]);
    expect((await history.of('test', 'r3')).map(({ run }) => run)).toEqual(['r1']);
    await accept(failed.store, 'ada', 'A holiday.', 'r2');
    await finalize(failed.store, failed.plan, { history });
    expect((await history.all()).map(({ run, quality }) => `${run} ${quality}`)).toEqual([
      'r1 passed',
      'r2 accepted',
      'r3 passed',
    ]);
  });

  it('keeps the last 200', async () => {
    const history = new RunHistory(new MemoryStore('s3://state'));
    const { store, plan } = await worked([ANY], 'r1');
    const manifest = await finalize(store, plan);
    for (let run = 0; run < 203; run++) {
      await history.record({ ...manifest, runId: `r${1000 + run}` }, store.uri);
    }
    const runs = await history.of('test', '');
    expect(runs).toHaveLength(200);
    expect(runs.at(-1)?.run).toBe('r1003');
  });
});
