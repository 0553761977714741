import type { ObjectStore, Plan } from '@shardmill/core';
import { transactionOf } from '../delta/target/commit-lines.js';
import { finalizeRun } from '../finalize/finalize-run.js';
import { beginRun } from '../output/begin-run.js';
import { startRun } from '../output/start-run.js';
import { InterceptedStore } from './intercepted-store.js';
import { MemoryStore } from './memory-store.js';
import { keysOf, type TestRun, work } from './run.js';
import { syntheticPlan } from './synthetic-plan.js';

/** Runs whose output is a table in memory, worked off and ready for their commit. */

interface Place {
  readonly store: MemoryStore;
  /**
   * @param partitions the values that the rows of each part are divided by.
   * @param data what it scores, if not data of its own.
   */
  readonly run: (
    id: string,
    mode?: Plan['mode'],
    partitions?: readonly (string | null)[],
    data?: string,
  ) => Promise<TestRun>;
}

let inputs = 0;

/** A location, and runs at it whose parts and records are there; each of other data. */
export function newPlace(partitionBy?: string[]): Place {
  const store = new MemoryStore('s3://lake/out');
  return {
    store,
    run: async (runId, mode = 'append', partitions, data) => {
      const [input, createdAt] = [data ?? `/data/${inputs}`, new Date(inputs++)];
      const shape = { shards: 2, partsPerShard: 1, table: 'delta', partitionBy } as const;
      const made = syntheticPlan({ runId, output: store.uri, mode, input, createdAt, ...shape });
      const { plan } = await startRun(store, made);
      await beginRun(store, plan);
      const run = { plan, pages: made.pages, shards: made.pages.flatMap((page) => page.shards) };
      await work(store, run, { partitions });
      return run;
    },
  };
}

export const finalize = (store: ObjectStore, { plan }: TestRun) =>
  finalizeRun({
    store,
    plan,
    maxRejectedRows: 0,
    now: new Date(1000),
    versions: { shardmill: '1.2.3' },
    seconds: {},
    describePart: async ({ rows }) => `{"numRecords":${rows.scored}}`,
  });

/** How often each run was committed. */
export async function commitsOf(store: MemoryStore, runId: string): Promise<number> {
  let count = 0;
  for (const key of await keysOf(store, '_delta_log/')) {
    const text = Buffer.from((await store.read(key)) ?? []).toString();
    count += text.split(`"appId":"${transactionOf(runId)}"`).length - 1;
  }
  return count;
}

/** Dies before its n-th change, or just after it, so that the answer is lost. */
export class DyingStore extends MemoryStore {
  constructor(
    store: MemoryStore,
    public changesLeft: number,
    readonly dies: 'before' | 'after',
  ) {
    super(store.uri, store.objects);
  }
  override async create(...args: Parameters<MemoryStore['create']>) {
    return this.#change(() => super.create(...args));
  }
  override async replace(...args: Parameters<MemoryStore['replace']>) {
    return this.#change(() => super.replace(...args));
  }
  override async delete(...args: Parameters<MemoryStore['delete']>) {
    return this.#change(() => super.delete(...args));
  }
  async #change<T>(change: () => Promise<T>): Promise<T> {
    const last = this.changesLeft-- === 0;
    if (last && this.dies === 'before') throw new Error('killed');
    const result = await change();
    if (last) throw new Error('killed');
    return result;
  }
}

/** Calls `between` once, before its n-th call. */
export class InterruptedStore extends InterceptedStore {
  #calls = 0;
  called = false;

  constructor(
    store: MemoryStore,
    readonly at: number,
    readonly between: () => Promise<unknown>,
  ) {
    super(store.uri, store.objects);
  }
  protected override async beforeCall(): Promise<void> {
    if (this.#calls++ !== this.at) return;
    this.called = true;
    await this.between();
  }
}
