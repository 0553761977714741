import { utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FileStore, newRunId, Stores } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { jobOf } from '../testing/job.js';
import { notificationName, SETTLED_PREFIX } from './outbox-layout.js';
import { withFolder } from '../testing/parquet.js';
import { requestOf } from '../testing/request.js';
import { DyingStore, keysOf } from '../testing/run.js';
import { collectGarbage } from './collect-garbage.js';
import type { RunEvent } from './run-event.js';
import { RunRegistry } from './run-registry.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 15);
const idOf = (day: number): string => newRunId(new Date(NOW - day * DAY), Buffer.from(`${day}xxx`));

interface Place {
  readonly registry: RunRegistry;
  readonly folder: string;
  readonly output: string;
  /** A run that was submitted and, where `ended` is set, ended so many days ago. */
  readonly run: (day: number, ended?: boolean, key?: string) => Promise<string>;
  readonly collect: (dryRun?: boolean) => ReturnType<typeof collectGarbage>;
}

async function withState(use: (place: Place) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const registry = new RunRegistry(new FileStore(path.join(folder, 'state')));
    const output = path.join(folder, 'out');
    await use({
      registry,
      folder,
      output,
      run: async (day, ended = true, key) => {
        const run = idOf(day);
        const job = jobOf({ output: { uri: output, columns: { score: 'score' } } });
        await registry.submit(requestOf({ run, job, key: key ?? null }));
        const at = new Date(NOW - day * DAY).toISOString();
        const rows = { read: 1, scored: 1, rejected: 0, filtered: 0 };
        const events: RunEvent[] = [
          { kind: 'planned', at, planRun: run },
          { kind: 'finalizing', at },
          { kind: 'finished', at, rows },
        ];
        for (const event of events.slice(0, ended ? 3 : 1)) {
          expect(await registry.append(await registry.resolve(run), event)).toBe(true);
        }
        if (ended) await registry.clearMarker(run, 0);
        return run;
      },
      collect: (dryRun = false) => collect(registry, dryRun),
    });
  });
}

const collect = (registry: RunRegistry, dryRun = false, daysLater = 0) =>
  collectGarbage(registry, new Stores(), {
    olderThanMs: 30 * DAY,
    dryRun,
    now: new Date(NOW + daysLater * DAY),
  });

describe('collecting garbage', () => {
  it('deletes the logs of runs that ended long ago, with their keys, and no others', () =>
    withState(async ({ registry, run, collect: sweep }) => {
      const old = await run(40, true, 'k');
      const [recent, going] = [await run(20), await run(50, false, 'g')];
      const { runs } = await sweep();
      expect(runs).toEqual([old]);
      expect(await registry.find(old)).toBeUndefined();
      const left = await keysOf(registry.store);
      expect(left.filter((key) => key.includes(old))).toEqual([`runs/${old}/000004.json`]);
      expect(left.filter((key) => key.startsWith('keys/'))).toHaveLength(1);
      expect((await registry.resolve(recent)).phase).toBe('finished');
      expect((await registry.resolve(going)).phase).toBe('running');
      expect(left).toContain(`active/${going}.0`);
      // The key can stand for another run now.
      const again = await registry.submit(requestOf({ run: idOf(0), key: 'k' }));
      expect(again).toEqual({ run: idOf(0), attached: false });
    }));

  it('leaves a key that was freed to the run that it stands for', () =>
    withState(async ({ registry, collect: sweep }) => {
      const [given, next] = [idOf(40), idOf(20)];
      await registry.submit(requestOf({ run: given, key: 'k' }));
      const at = new Date(NOW - 40 * DAY).toISOString();
      await registry.append(await registry.cancel(given, 'me', new Date(at)), {
        kind: 'cancelled',
        at,
      });
      await registry.submit(requestOf({ run: next, key: 'k' }), 'free-ended');
      expect((await sweep()).runs).toEqual([given]);
      const keys = (await keysOf(registry.store)).filter((key) => key.startsWith('keys/'));
      expect(keys).toEqual([expect.stringMatching(/\.000001\.json$/)]);
      const again = await registry.submit(requestOf({ run: idOf(0), key: 'k' }));
      expect(again).toEqual({ run: next, attached: true });
    }));

  it('deletes nothing in a dry run', () =>
    withState(async ({ registry, run, collect: sweep }) => {
      const old = await run(40, true, 'k');
      const before = await keysOf(registry.store);
      const reported = await sweep(true);
      expect(await keysOf(registry.store)).toEqual(before);
      expect(reported.runs).toEqual([old]);
      expect(reported.objects).toEqual(
        expect.arrayContaining(before.map((key) => registry.store.locate(key))),
      );
      expect((await sweep()).objects).toEqual(reported.objects);
      await collect(registry, false, 31);
      expect(await keysOf(registry.store)).toEqual([]);
    }));

  it('leaves nothing that misleads, wherever it dies, and is finished by the next one', () =>
    withState(async ({ registry, folder, run, collect: sweep }) => {
      for (let changes = 0; ; changes++) {
        const old = await run(40, true, 'k');
        const dying = new RunRegistry(new DyingStore(path.join(folder, 'state'), changes));
        const died = await collect(dying).then(
          () => false,
          () => true,
        );
        const left = await registry.find(old);
        if (left !== undefined) expect(left.phase).toBe('finished');
        await sweep();
        expect(await registry.find(old)).toBeUndefined();
        await collect(registry, false, 31);
        expect(await keysOf(registry.store)).toEqual([]);
        if (!died) break;
        expect(changes).toBeLessThan(20);
      }
    }));

  it('deletes no run that is taken up again meanwhile', () =>
    withState(async ({ registry, collect: sweep }) => {
      const run = idOf(40);
      await registry.submit(requestOf({ run }));
      const at = new Date(NOW - 40 * DAY).toISOString();
      const error = { code: 'SHARDS_FAILED', message: 'm', remedy: 'r' } as const;
      const failed: RunEvent = { kind: 'failed', at, error, shardsFailed: 1 };
      await registry.append(await registry.resolve(run), failed);
      const options = { by: 'me', now: new Date(NOW), of: 'failed' } as const;
      const [collected, reopened] = await Promise.all([
        sweep(),
        registry.reopen(run, options).catch((error_: unknown) => error_),
      ]);
      const left = await registry.find(run);
      if (collected.runs.includes(run)) {
        expect(left).toBeUndefined();
        expect(reopened).toMatchObject({ code: 'RUN_NOT_FOUND' });
      } else expect(left?.phase).toBe('submitted');
    }));

  it('deletes what old submissions left that died half-way', () =>
    withState(async ({ registry, folder, collect: sweep }) => {
      for (const [day, changes] of [
        [40, 1],
        [41, 2],
        [5, 2],
      ] as const) {
        const dying = new RunRegistry(new DyingStore(path.join(folder, 'state'), changes));
        await dying.submit(requestOf({ run: idOf(day), key: `k${day}` })).catch(() => {});
      }
      expect(await keysOf(registry.store)).toHaveLength(5);
      await sweep();
      const left = await keysOf(registry.store);
      expect(left).toHaveLength(2);
      expect(left).toContain(`active/${idOf(5)}.0`);
    }));

  it('touches nothing of an output but staged files that no process has written to', () =>
    withState(async ({ output, run, collect: sweep }) => {
      await run(40);
      const store = new FileStore(output);
      for (const key of [
        'part-r-000000-000000.parquet',
        '_SUCCESS',
        '_shardmill/r/plan.json',
        '_shardmill/tmp/run-1/old',
        '_shardmill/tmp/new',
      ]) {
        await store.create(key, Buffer.from('x'));
      }
      const old = new Date(NOW - 40 * DAY);
      await utimes(store.pathOf('_shardmill/tmp/run-1/old'), old, old);
      await utimes(store.pathOf('_SUCCESS'), old, old);
      await writeFile(store.pathOf('_shardmill/tmp/new'), 'x');
      const before = await keysOf(store);
      await sweep();
      const left = await keysOf(store);
      expect(before.filter((key) => !left.includes(key))).toEqual(['_shardmill/tmp/run-1/old']);
    }));

  it('deletes profiles of training sets that were made long ago', () =>
    withState(async ({ folder, collect: sweep }) => {
      const store = new FileStore(path.join(folder, 'state'));
      for (const key of ['baselines/old.json', 'baselines/new.json']) {
        await store.create(key, Buffer.from('{}'));
        const at = new Date(NOW - (key.includes('old') ? 40 : 20) * DAY);
        await utimes(store.pathOf(key), at, at);
      }
      const { objects } = await sweep();
      expect(objects).toEqual([store.locate('baselines/old.json')]);
      expect(await keysOf(store)).toEqual(['baselines/new.json']);
    }));

  it('deletes what settled notifications left, three days later than the rest', () =>
    withState(async ({ registry, collect: sweep }) => {
      for (const day of [34, 32, 1]) {
        const at = new Date(NOW - day * DAY).toISOString();
        const name = notificationName(at, `r${day}.1.job-x`);
        await registry.store.create(SETTLED_PREFIX + name, Buffer.from('{}'));
      }
      await sweep();
      const left = await keysOf(registry.store, 'outbox-settled/');
      expect(left).toEqual([expect.stringContaining('-r32.'), expect.stringContaining('-r1.')]);
    }));

  it('refuses a limit under which it would delete what has just ended', () =>
    withState(async ({ registry }) => {
      const options = { olderThanMs: 1000, dryRun: false, now: new Date(NOW) };
      await expect(collectGarbage(registry, new Stores(), options)).rejects.toMatchObject({
        code: 'USAGE',
      });
    }));
});
