import path from 'node:path';
import { FileStore, newRunId, type ObjectStore } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { jobOf } from '../testing/job.js';
import { withFolder } from '../testing/parquet.js';
import { DyingStore, keysOf } from '../testing/run.js';
import { requestOf } from '../testing/request.js';
import { RunRegistry } from './run-registry.js';
import type { RunEvent } from './run-event.js';
import { logKey } from './state-layout.js';

async function withState(
  use: (registry: RunRegistry, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder((folder) => use(new RunRegistry(new FileStore(folder)), folder));
}

const at = new Date(0).toISOString();
const planned: RunEvent = { kind: 'planned', at, planRun: 'p' };
const failed: RunEvent = {
  kind: 'failed',
  at,
  error: { code: 'SHARDS_FAILED', message: 'm', remedy: 'r' },
  shardsFailed: 1,
};
const finalizing: RunEvent = { kind: 'finalizing', at };
const finished: RunEvent = {
  kind: 'finished',
  at,
  rows: { read: 1, scored: 1, rejected: 0, filtered: 0 },
};

/** Appends events one after another. */
async function log(registry: RunRegistry, run: string, ...events: RunEvent[]): Promise<void> {
  for (const event of events) {
    const seen = await registry.find(run);
    if (seen === undefined) throw new Error('no run');
    expect(await registry.append(seen, event)).toBe(true);
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe('submitting', () => {
  it('makes a run that is there, whole and active', () =>
    withState(async (registry) => {
      const request = requestOf({ run: 'r1', job: jobOf({ params: { a: { type: 'int' } } }) });
      expect(await registry.submit(request)).toEqual({ run: 'r1', attached: false });
      expect(await registry.find('r1')).toEqual({
        request,
        events: [],
        planDigest: null,
        intended: null,
        phase: 'submitted',
        planRun: null,
        round: 0,
        since: request.submittedAt,
        unchanged: null,
        maxRejectedRows: 0,
        limits: {},
        runningSince: null,
        endedAt: null,
        error: null,
      });
      expect(await all(registry.active())).toEqual(['r1']);
    }));

  it('keeps the columns of a transform that is a function, and the module of one that is not', () =>
    withState(async (registry) => {
      const apply = (batch: never): unknown => batch;
      const function_ = jobOf({ transform: { columns: { a: 'a + 1' }, apply } });
      const module = jobOf({ transform: { columns: ['a'], module: 't.ts' } });
      await registry.submit(requestOf({ run: 'r1', job: function_ }));
      await registry.submit(requestOf({ run: 'r2', job: module }));
      const transformOf = async (run: string) => (await registry.find(run))?.request.job.transform;
      expect(await transformOf('r1')).toEqual({ columns: { a: 'a + 1' } });
      expect(await transformOf('r2')).toEqual({ columns: ['a'], module: 't.ts' });
    }));

  it('attaches to the run of its key, whatever id, time and urgency it comes with', () =>
    withState(async (registry) => {
      await registry.submit(requestOf({ run: 'r1', key: 'k' }));
      const again = requestOf({ run: 'r2', key: 'k', priority: 9, submittedAt: 'later' });
      expect(await registry.submit(again)).toEqual({ run: 'r1', attached: true });
      expect(await all(registry.list())).toEqual(['r1']);
    }));

  it('refuses a key that stands for another job or other parameters, and says where', () =>
    withState(async (registry) => {
      const params = { ds: '2026-01-01', ds_nodash: '20260101', region: 'eu' };
      await registry.submit(requestOf({ run: 'r1', key: 'k', params }));
      await expect(
        registry.submit(
          requestOf({ run: 'r2', key: 'k', params, job: jobOf({ input: { uri: 'elsewhere' } }) }),
        ),
      ).rejects.toMatchObject({
        code: 'RUN_KEY_CONFLICT',
        message: expect.stringMatching(/"k" stands for run r1.*job\.input\.uri$/),
      });
      await expect(
        registry.submit(requestOf({ run: 'r2', key: 'k', params: { ...params, region: 'us' } })),
      ).rejects.toMatchObject({ message: expect.stringContaining('differ in params.region') });
      expect(await all(registry.list())).toEqual(['r1']);
    }));

  it('takes a submission with other limits for the same run, which keeps its own', () =>
    withState(async (registry) => {
      const withCost = (maxCost: number) => jobOf({ limits: { maxCost } });
      await registry.submit(requestOf({ run: 'r1', key: 'k', job: withCost(1) }));
      const again = requestOf({ run: 'r2', key: 'k', job: withCost(2) });
      expect(await registry.submit(again)).toEqual({ run: 'r1', attached: true });
      expect((await registry.find('r1'))?.limits).toEqual({ maxCost: 1 });
    }));

  it('takes a retry after midnight for the same run, unless the job uses the date', () =>
    withState(async (registry) => {
      const monday = { ds: '2026-01-05', ds_nodash: '20260105' };
      const tuesday = { ds: '2026-01-06', ds_nodash: '20260106' };
      await registry.submit(requestOf({ run: 'r1', key: 'k', params: monday }));
      const retry = requestOf({ run: 'r2', key: 'k', params: tuesday });
      expect(await registry.submit(retry)).toEqual({ run: 'r1', attached: true });
      const dated = { job: jobOf({ params: { ds: { type: 'date' } } }), key: 'd' } as const;
      await registry.submit(requestOf({ run: 'r3', params: monday, ...dated }));
      await expect(
        registry.submit(requestOf({ run: 'r4', params: tuesday, ...dated })),
      ).rejects.toMatchObject({ code: 'RUN_KEY_CONFLICT' });
    }));

  it('makes one run of many submissions of one key at a time', () =>
    withState(async (registry) => {
      const submissions = Array.from({ length: 8 }, (_, i) =>
        registry.submit(requestOf({ run: `r${i}`, key: 'k' })),
      );
      const runs = await Promise.all(submissions);
      expect(new Set(runs.map(({ run }) => run)).size).toBe(1);
      expect(await all(registry.list())).toEqual([runs[0]?.run]);
      expect(await all(registry.active())).toEqual([runs[0]?.run]);
    }));

  it('frees a key whose run was cancelled, for one new run, which may be of another job', () =>
    withState(async (registry) => {
      const at = new Date(0);
      await registry.submit(requestOf({ run: 'r0', key: 'k' }));
      const attached = await registry.submit(requestOf({ run: 'r1', key: 'k' }), 'free-ended');
      expect(attached).toEqual({ run: 'r0', attached: true });
      const seen = await registry.cancel('r0', 'me', at);
      await registry.append(seen, { kind: 'cancelled', at: at.toISOString() });

      const job = jobOf({ input: { uri: 'elsewhere' } });
      const submissions = Array.from({ length: 8 }, (_, i) =>
        registry.submit(requestOf({ run: `n${i}`, key: 'k', job }), 'free-ended'),
      );
      const [first, ...others] = await Promise.all(submissions);
      expect(new Set(others.map(({ run }) => run))).toEqual(new Set([first?.run]));
      expect(first?.run).toMatch(/^n/);
      expect((await all(registry.list())).toSorted()).toEqual([first?.run, 'r0']);
      const later = await registry.submit(requestOf({ run: 'r2', key: 'k', job }));
      expect(later).toEqual({ run: first?.run, attached: true });
    }));

  it('is completed by the same command after it died anywhere, and is never there without a marker', () =>
    withState(async (registry, folder) => {
      for (let changes = 0; ; changes++) {
        const key = `k${changes}`;
        const dying = new RunRegistry(new DyingStore(folder, changes));
        const first = `a${changes}`;
        const died = await dying.submit(requestOf({ run: first, key })).catch(() => 'died');
        if ((await registry.find(first)) !== undefined) {
          expect(await all(registry.active())).toContain(first);
        }
        const { run } = await registry.submit(requestOf({ run: `b${changes}`, key }));
        expect((await registry.find(run))?.phase).toBe('submitted');
        expect(await all(registry.active())).toContain(run);
        expect([first, `b${changes}`]).toContain(run);
        const other = run === first ? `b${changes}` : first;
        expect(await registry.find(other)).toBeUndefined();
        if (died !== 'died') break;
        expect(changes).toBeLessThan(9);
      }
    }));

  it('knows its own object where the answer to its creation was lost', () =>
    withState(async (_registry, folder) => {
      const forgetful = new RunRegistry(new ForgetfulStore(folder));
      const request = requestOf({ run: 'r1', key: 'k' });
      expect(await forgetful.submit(request)).toEqual({ run: 'r1', attached: false });
      const seen = await forgetful.resolve('r1');
      expect(await forgetful.append(seen, planned)).toBe(true);
      expect(await forgetful.append(seen, { ...planned, planRun: 'other' })).toBe(false);
    }));
});

/** Whatever it creates, it says that it was there. */
class ForgetfulStore extends FileStore {
  override async create(...args: Parameters<ObjectStore['create']>): Promise<'exists'> {
    await super.create(...args);
    return 'exists';
  }
}

describe('the log of a run', () => {
  it('has one writer for each number', () =>
    withState(async (registry) => {
      await registry.submit(requestOf({ run: 'r1' }));
      const seen = await registry.resolve('r1');
      const tries = await Promise.all(
        [1, 2, 3].map((n) => registry.append(seen, { ...planned, planRun: `p${n}` })),
      );
      expect(tries.filter(Boolean)).toHaveLength(1);
      expect((await registry.refresh(seen)).events).toHaveLength(1);
    }));

  it('reports phase, plan, rounds, budget and error', () =>
    withState(async (registry) => {
      await registry.submit(requestOf({ run: 'r1' }));
      await log(registry, 'r1', planned, failed);
      expect(await registry.find('r1')).toMatchObject({
        phase: 'failed',
        planRun: 'p',
        round: 0,
        endedAt: at,
        error: { code: 'SHARDS_FAILED' },
      });
      const now = new Date(5);
      await registry.reopen('r1', { by: 'me', now, maxRejectedRows: '5%', of: 'failed' });
      expect(await registry.find('r1')).toMatchObject({
        phase: 'running',
        round: 1,
        maxRejectedRows: '5%',
        endedAt: null,
        error: null,
      });
      await log(registry, 'r1', finalizing, finished);
      expect((await registry.find('r1'))?.phase).toBe('finished');
    }));

  it('of another version is refused, and so is one whose events do not fit', () =>
    withState(async (registry) => {
      await registry.submit(requestOf({ run: 'r1' }));
      const { store } = registry;
      await store.create(logKey('r1', 1), Buffer.from('{"kind":"paused","at":"x"}'));
      await expect(registry.find('r1')).rejects.toMatchObject({ code: 'PLAN_MISMATCH' });
      await registry.submit(requestOf({ run: 'r2' }));
      await store.create(logKey('r2', 1), Buffer.from(JSON.stringify(finished)));
      await expect(registry.find('r2')).rejects.toMatchObject({
        message: expect.stringContaining('"finished" cannot follow on "submitted"'),
      });
    }));
});

describe('finding a run', () => {
  it('takes the beginning of an id, and refuses one that several have', () =>
    withState(async (registry) => {
      const [a, b] = ['20260101T000000Z-aaaaaaaa', '20260101T000000Z-bbbbbbbb'];
      for (const run of [a, b]) await registry.submit(requestOf({ run }));
      expect((await registry.resolve('20260101T000000Z-a')).request.run).toBe(a);
      expect((await registry.resolve(b)).request.run).toBe(b);
      await expect(registry.resolve('2026')).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining(`2 runs begin with "2026": ${a}, ${b}`),
      });
    }));

  it('names the nearest where there is none', () =>
    withState(async (registry, folder) => {
      await registry.submit(requestOf({ run: '20260101T000000Z-aaaaaaaa' }));
      for (const name of [
        '20260101T000000Z-aaaaaaab',
        'aaaaaaaa',
        '../keys',
        '',
        `../${path.basename(folder)}`,
      ]) {
        await expect(registry.resolve(name)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
      }
      await expect(registry.resolve('aaaaaaaa')).rejects.toMatchObject({
        message: expect.stringContaining('"20260101T000000Z-aaaaaaaa"'),
      });
    }));

  it('lists the latest first', () =>
    withState(async (registry) => {
      const ids = [3, 1, 2].map((day) => newRunId(new Date(Date.UTC(2026, 0, day))));
      for (const run of ids) await registry.submit(requestOf({ run }));
      expect(await all(registry.list())).toEqual(ids.toSorted().toReversed());
    }));
});

describe('cancelling', () => {
  it('is logged once, however often it is requested', () =>
    withState(async (registry) => {
      await registry.submit(requestOf({ run: 'r1' }));
      const both = await Promise.all([
        registry.cancel('r1', 'me', new Date(1)),
        registry.cancel('r1', 'you', new Date(2)),
      ]);
      expect(both.map(({ phase }) => phase)).toEqual(['cancelling', 'cancelling']);
      expect((await registry.find('r1'))?.events).toHaveLength(1);
    }));

  it('is for runs that have not ended', () =>
    withState(async (registry) => {
      await registry.submit(requestOf({ run: 'r1' }));
      await log(registry, 'r1', planned, finalizing, finished);
      await expect(registry.cancel('r1', 'me', new Date(1))).rejects.toMatchObject({
        code: 'RUN_STATE',
        message: expect.stringContaining('finished since'),
      });
      await expect(registry.cancel('nope', 'me', new Date(1))).rejects.toMatchObject({
        code: 'RUN_NOT_FOUND',
      });
    }));
});

describe('taking a run up again', () => {
  const options = { by: 'me', now: new Date(9) };

  it('is for failed runs, and for cancelled ones where that is requested', () =>
    withState(async (registry) => {
      await registry.submit(requestOf({ run: 'r1' }));
      await expect(
        registry.reopen('r1', { ...options, of: 'failed-or-cancelled' }),
      ).rejects.toMatchObject({ code: 'RUN_STATE' });
      await registry.cancel('r1', 'me', new Date(1));
      await log(registry, 'r1', { kind: 'cancelled', at });
      await expect(registry.reopen('r1', { ...options, of: 'failed' })).rejects.toMatchObject({
        code: 'RUN_STATE',
        message: expect.stringContaining('only a failed run'),
      });
      const open = await registry.reopen('r1', { ...options, of: 'failed-or-cancelled' });
      // It was never planned.
      expect(open).toMatchObject({ phase: 'submitted', round: 1 });
    }));

  it('has a marker of its own, which outlives the one of the round before', () =>
    withState(async (registry) => {
      await registry.submit(requestOf({ run: 'r1' }));
      await log(registry, 'r1', planned, failed);
      await registry.reopen('r1', { ...options, of: 'failed' });
      // A scheduler that comes late clears what it saw ending.
      await registry.clearMarker('r1', 0);
      expect(await all(registry.active())).toEqual(['r1']);
    }));

  it('never leaves a run without a marker, wherever it dies', () =>
    withState(async (registry, folder) => {
      for (let changes = 0; changes < 4; changes++) {
        const run = `r${changes}`;
        await registry.submit(requestOf({ run }));
        await log(registry, run, planned, failed);
        await registry.clearMarker(run, 0);
        const dying = new RunRegistry(new DyingStore(folder, changes));
        await dying.reopen(run, { ...options, of: 'failed' }).catch(() => {});
        const { phase } = await registry.resolve(run);
        if (phase === 'running') expect(await all(registry.active())).toContain(run);
      }
      expect(await keysOf(registry.store, 'active/')).not.toEqual([]);
    }));
});
