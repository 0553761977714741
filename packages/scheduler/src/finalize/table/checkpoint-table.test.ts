import type { CheckpointRequest, ObjectStore, WriteCheckpoint } from '@shardmill/core';
import { expect, it } from 'vitest';
import { checkpointKey, LAST_CHECKPOINT_KEY } from '../../delta/log/log-files.js';
import { beginRun } from '../../output/begin-run.js';
import { readSuccess } from '../../output/read-location.js';
import { startRun } from '../../output/start-run.js';
import { addOf, commit, metaDataOf, PROTOCOL } from '../../testing/delta-table.js';
import { MemoryStore } from '../../testing/memory-store.js';
import { keysOf, work } from '../../testing/run.js';
import { syntheticPlan } from '../../testing/synthetic-plan.js';
import { finalizeRun } from '../finalize-run.js';

const NOW = new Date('2026-11-26T12:00:00Z');
const WEEK_MS = 7 * 24 * 3_600_000;

/** A table with so many versions of other programs, and a run whose commit is the next one. */
async function runAfter(versions: number, configuration = {}) {
  const store = new MemoryStore('s3://lake/out');
  await commit(store, 0, [
    PROTOCOL,
    metaDataOf([{ name: 'score', type: 'float' }], { configuration }),
  ]);
  for (let version = 1; version < versions; version++) {
    await commit(store, version, [addOf(`other-${version}.parquet`, 5)]);
  }
  const shape = { shards: 1, partsPerShard: 1, table: 'delta' } as const;
  const made = syntheticPlan({ runId: 'a', output: store.uri, mode: 'append', ...shape });
  const { plan } = await startRun(store, made);
  await beginRun(store, plan);
  await work(store, { ...made, plan, shards: made.pages.flatMap((page) => page.shards) });
  const requests: CheckpointRequest[] = [];
  const failures: string[] = [];
  const writer =
    (at: ObjectStore): WriteCheckpoint =>
    async (request) => {
      requests.push(request);
      const created = await at.create(request.key, Buffer.from('checkpoint'));
      return { created: created === 'created', actions: 12, files: 10, bytes: 10 };
    };
  const finish = (at: ObjectStore = store, write = writer(at)) =>
    finalizeRun({
      store: at,
      plan,
      maxRejectedRows: 0,
      now: NOW,
      versions: {},
      seconds: {},
      describePart: async () => '{}',
      checkpoints: { write, failed: (message) => failures.push(message) },
    });
  const hint = async (): Promise<unknown> => {
    const bytes = await store.read(LAST_CHECKPOINT_KEY);
    return bytes === undefined ? undefined : JSON.parse(Buffer.from(bytes).toString());
  };
  return { store, finish, requests, failures, hint };
}

it('follows on the tenth commit, from all that are there, and is noted when it is there', async () => {
  const { store, finish, requests, hint } = await runAfter(10);
  expect(await finish()).toMatchObject({ table: { version: 10 } });
  expect(requests).toEqual([
    {
      table: 's3://lake/out',
      key: checkpointKey(10),
      version: 10,
      previous: undefined,
      commits: expect.any(Array),
      removedSince: NOW.getTime() - WEEK_MS,
      transactionsSince: undefined,
    },
  ]);
  expect(requests[0]?.commits.map(({ uri }) => uri)).toEqual(
    Array.from({ length: 11 }, (_, version) =>
      store.locate(`_delta_log/${String(version).padStart(20, '0')}.json`),
    ),
  );
  expect(await hint()).toEqual({ version: 10, size: 12, sizeInBytes: 10, numOfAddFiles: 10 });
});

it('follows on no other commit, and on none of a table that wants others than are written', async () => {
  for (const [versions, configuration] of [
    [9, {}],
    [11, {}],
    [10, { 'delta.checkpointPolicy': 'v2' }],
    [10, { 'delta.checkpointInterval': '4' }],
  ] as const) {
    const { finish, requests, hint } = await runAfter(versions, configuration);
    await finish();
    expect([requests, await hint()]).toEqual([[], undefined]);
  }
});

it('is needless where another program has made a later one', async () => {
  const late = await runAfter(10);
  const write: WriteCheckpoint = async () => {
    throw new Error('none is needed');
  };
  const racing = new (class extends MemoryStore {
    override async create(...[key, content]: Parameters<MemoryStore['create']>) {
      const created = await super.create(key, content);
      // Another program commits, and makes a checkpoint of that.
      if (key.endsWith('10.json')) await super.create(checkpointKey(20), Buffer.from('later'));
      return created;
    }
  })(late.store.uri, late.store.objects);
  await late.finish(racing, write);
  expect(late.failures).toEqual([]);
});

it('fails no run', async () => {
  const { store, finish, failures, hint } = await runAfter(10);
  const done = await finish(store, async () => {
    throw new Error('no room');
  });
  expect(done).toMatchObject({ table: { version: 10 } });
  expect(await readSuccess(store)).toBe('a');
  expect(failures).toEqual([expect.stringMatching(/checkpoint of version 10 .*no room/)]);
  expect(await hint()).toBeUndefined();
});

it('is there or not, whichever write a process is killed at, and noted only where it is there', async () => {
  let [deaths, withoutHint] = [0, 0];
  for (let done = false; !done; deaths++) {
    const { store, finish, hint } = await runAfter(10);
    let left = deaths;
    const dying = new (class extends MemoryStore {
      override async create(...args: Parameters<MemoryStore['create']>) {
        return this.#change(() => super.create(...args));
      }
      override async replace(...args: Parameters<MemoryStore['replace']>) {
        return this.#change(() => super.replace(...args));
      }
      async #change<T>(change: () => Promise<T>): Promise<T> {
        if (left-- <= 0) throw new Error('killed');
        return change();
      }
    })(store.uri, store.objects);
    // A failed checkpoint ends as a finished run: what is there then counts, as after a kill.
    await finish(dying).catch(() => {});
    const there = (await keysOf(store, '_delta_log/')).includes(checkpointKey(10));
    const noted = (await hint()) !== undefined;
    expect(noted && !there).toBe(false);
    if (there && !noted) withoutHint++;
    if (there) expect(await readSuccess(store)).toBe('a');
    done = noted;
    await finish();
    expect(await readSuccess(store)).toBe('a');
  }
  expect(withoutHint).toBe(1);
  expect(deaths).toBeGreaterThan(4);
});
