import { type ObjectStore, type Plan, SUCCESS_KEY } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { beginRun } from '../output/begin-run.js';
import { readSuccess } from '../output/read-location.js';
import { startRun } from '../output/start-run.js';
import { InterceptedStore } from '../testing/intercepted-store.js';
import { MemoryStore } from '../testing/memory-store.js';
import { keysOf, type TestRun, work } from '../testing/run.js';
import { syntheticPlan } from '../testing/synthetic-plan.js';
import { restoreSuccess } from './announce-success.js';
import { finalizeRun } from './finalize-run.js';

/** Before its n-th call it waits until it is released, as a process that is frozen does. */
class FreezingStore extends InterceptedStore {
  readonly frozen: Promise<void>;
  thaw: () => void = () => {};
  #freeze: () => void = () => {};
  readonly #thawed: Promise<void>;

  constructor(
    store: MemoryStore,
    public callsLeft: number,
  ) {
    super(store.uri, store.objects);
    this.frozen = new Promise((resolve) => (this.#freeze = resolve));
    this.#thawed = new Promise((resolve) => (this.thaw = resolve));
  }
  protected override async beforeCall(): Promise<void> {
    if (this.callsLeft-- !== 0) return;
    this.#freeze();
    await this.#thawed;
  }
}

interface Place {
  readonly store: MemoryStore;
  readonly run: (id: string, mode?: Plan['mode']) => Promise<TestRun>;
}

function newPlace(): Place {
  const store = new MemoryStore('s3://lake/out');
  let runs = 0;
  return {
    store,
    run: async (runId, mode = 'overwrite') => {
      // Each run of other data, so that none adopts another.
      const [input, createdAt] = [`/data/${runs}`, new Date(runs++)];
      const synthetic = { output: store.uri, shards: 2, partsPerShard: 1, mode, input, createdAt };
      const made = syntheticPlan({ runId, ...synthetic });
      const { plan } = await startRun(store, made);
      await beginRun(store, plan);
      return { plan, pages: made.pages, shards: made.pages.flatMap((page) => page.shards) };
    },
  };
}

const finalize = (store: ObjectStore, plan: Plan) =>
  finalizeRun({
    store,
    plan,
    maxRejectedRows: 0,
    now: new Date(1000),
    versions: {},
    seconds: {},
  });

describe('a finalizer that wakes up late', () => {
  it.each([
    ['is under way', false],
    ['has finished', true],
  ])('leaves a later run alone that %s, wherever it was frozen', async (_name, finished) => {
    const { store, run } = newPlace();
    let calls = 0;
    for (; ; calls++) {
      const first = await run(`a${calls}`);
      await work(store, first);
      const late = new FreezingStore(store, calls);
      const ending = finalize(late, first.plan).catch(() => undefined);
      const frozen = await Promise.race([late.frozen.then(() => true), ending.then(() => false)]);
      await finalize(store, first.plan);
      const second = await run(`b${calls}`);
      await work(store, second);
      if (finished) await finalize(store, second.plan);
      const before = (await keysOf(store)).filter((key) => key.includes(`b${calls}`));
      late.thaw();
      await ending;
      const after = (await keysOf(store)).filter((key) => key.includes(`b${calls}`));
      expect(after).toEqual(before);
      if (!finished) await finalize(store, second.plan);
      expect(await readSuccess(store)).toBe(`b${calls}`);
      expect(await keysOf(store, 'part-')).toHaveLength(second.plan.totals.parts);
      if (!frozen) break;
    }
    expect(calls).toBeGreaterThan(15);
  });

  it('does not write _SUCCESS once a later run has begun', async () => {
    const { store, run } = newPlace();
    const first = await run('a');
    await work(store, first);
    await finalize(store, first.plan);
    await run('b');
    expect(await readSuccess(store)).toBeUndefined();
    await finalize(store, first.plan);
    expect(await readSuccess(store)).toBeUndefined();
  });

  it('writes _SUCCESS in spite of a later run that died before it began', async () => {
    const { store, run } = newPlace();
    const first = await run('a');
    await work(store, first);
    const claim = Buffer.from('{"runId":"b"}');
    await store.create('_shardmill/claims/a-0123456789abcdef.json', claim);
    await finalize(store, first.plan);
    expect(await readSuccess(store)).toBe('a');
  });

  it('counts a run that was given up for a while as later, and then as earlier', async () => {
    const { store, run } = newPlace();
    const first = await run('a');
    const second = await run('b');
    await work(store, { ...second, shards: second.shards.slice(1) });
    // The first one is taken up again: the second one is what it finds there.
    await beginRun(store, first.plan, 'a.1');
    await work(store, first);
    await finalize(store, first.plan);
    expect(await readSuccess(store)).toBe('a');
    expect((await keysOf(store, 'part-')).filter((key) => key.includes('-b-'))).toEqual([]);
  });
});

describe('a process that was to delete _SUCCESS and wakes up late', () => {
  it('takes only that of an earlier run', async () => {
    const { store, run } = newPlace();
    const first = await run('a', 'append');
    await work(store, first);
    await finalize(store, first.plan);
    const second = await run('b', 'append');
    await work(store, second);
    await finalize(store, second.plan);
    await expect(beginRun(store, first.plan)).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
      message: 'run b has finished here after run a began',
    });
    expect(await readSuccess(store)).toBe('b');
  });

  it('can delete that of its own run, which is restored', async () => {
    const { store, run } = newPlace();
    const first = await run('a');
    await work(store, first);
    await finalize(store, first.plan);
    await store.delete(SUCCESS_KEY);
    await restoreSuccess(store, first.plan);
    expect(await readSuccess(store)).toBe('a');
    await run('b');
    expect(await readSuccess(store)).toBeUndefined();
    await restoreSuccess(store, first.plan);
    expect(await readSuccess(store)).toBeUndefined();
  });
});
