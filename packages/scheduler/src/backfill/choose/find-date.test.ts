import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FileStore } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { finalizeRun } from '../../finalize/finalize-run.js';
import { beginRun } from '../../output/begin-run.js';
import { publishPlan } from '../../plan/publish-plan.js';
import { OutputLocks } from '../../state/output-locks.js';
import { RunRegistry } from '../../state/run-registry.js';
import { writeParquet, withFolder } from '../../testing/parquet.js';
import { requestOf } from '../../testing/request.js';
import { testRun, work } from '../../testing/run.js';
import { finalize, newPlace } from '../../testing/table-runs.js';
import type { DateFinding } from './choose-dates.js';
import { type DateName, findDate, findSharedDates } from './find-date.js';

interface Place {
  readonly base: string;
  readonly store: FileStore;
  readonly registry: RunRegistry;
  readonly look: (job?: string, date?: DateName) => Promise<DateFinding>;
}

const DATE: DateName = { ts: '2026-11-01T05:00:00.000Z', ds: '2026-11-01' };

async function withPlace(use: (place: Place) => Promise<void>): Promise<void> {
  await withFolder(async (base) => {
    await mkdir(path.join(base, 'data'));
    await writeParquet(path.join(base, 'data/a.parquet'), 'SELECT i AS a FROM range(5000) r(i)');
    const store = new FileStore(path.join(base, 'out'));
    const registry = new RunRegistry(new FileStore(path.join(base, 'state')));
    await use({
      base,
      store,
      registry,
      look: (job = 'test', date = DATE) => findDate({ store, job, registry }, date),
    });
  });
}

async function start(
  { base, store }: Place,
  id = 'r1',
  mode: 'create' | 'overwrite' = 'create',
  params: Record<string, string> = {},
) {
  const made = await testRun(base, id, mode, new Date(id === 'r1' ? 0 : 1000));
  const run = { ...made, plan: { ...made.plan, job: { ...made.plan.job, params } } };
  await publishPlan(store, run);
  await beginRun(store, run.plan);
  return run;
}

async function finish(place: Place, params: Record<string, string> = {}): Promise<void> {
  const run = await start(place, 'r1', 'create', params);
  await work(place.store, run);
  await finalizeRun({
    store: place.store,
    plan: run.plan,
    maxRejectedRows: 0,
    now: new Date(5000),
    versions: {},
    seconds: { wall: 12 },
  });
}

/** A run of the fleet that has had the output location. */
async function submit({ registry, store }: Place): Promise<void> {
  await registry.submit(requestOf({ run: 'r1' }));
  await new OutputLocks(registry).acquire({ output: store.uri, run: 'r1', round: 0 }, true);
}

async function fail({ registry }: Place): Promise<void> {
  const run = await registry.find('r1');
  if (run === undefined) throw new Error('no run');
  const error = { code: 'INPUT_NOT_FOUND', message: 'm', remedy: 'r' } as const;
  await registry.append(run, {
    kind: 'failed',
    at: new Date(1).toISOString(),
    error,
    shardsFailed: 0,
  });
}

describe('what is known of a date', () => {
  it('nothing, where nothing is there', () =>
    withPlace(async ({ look }) => {
      expect(await look()).toEqual({ kind: 'missing' });
    }));

  it('its run, rows and time, where it was scored', () =>
    withPlace(async (place) => {
      await finish(place);
      expect(await place.look()).toEqual({
        kind: 'finished',
        run: 'r1',
        finishedAt: '1970-01-01T00:00:05.000Z',
        rows: 5000,
        seconds: 12,
      });
    }));

  it('a run that stopped in the middle, also one that was to replace another', () =>
    withPlace(async (place) => {
      await start(place);
      expect(await place.look()).toMatchObject({ kind: 'failed', run: 'r1', how: 'unfinished' });
    }).then(() =>
      withPlace(async (place) => {
        await finish(place);
        await start(place, 'r2', 'overwrite');
        expect(await place.look()).toMatchObject({
          kind: 'failed',
          run: 'r2',
          how: 'unfinished',
          atOutput: true,
        });
      }),
    ));

  it('a run of the fleet that is under way', () =>
    withPlace(async (place) => {
      await submit(place);
      expect(await place.look()).toEqual({ kind: 'under-way', what: 'run r1 is under way' });
    }));

  it('with what a run failed, also where it wrote nothing', () =>
    withPlace(async (place) => {
      await submit(place);
      await fail(place);
      const failed = { kind: 'failed', run: 'r1', how: 'failed', code: 'INPUT_NOT_FOUND' };
      expect(await place.look()).toEqual({ ...failed, atOutput: false });
      await start(place);
      expect(await place.look()).toEqual({ ...failed, atOutput: true });
    }));

  it('a run of another date, which must not be replaced, finished or not', () =>
    withPlace(async (place) => {
      await start(place, 'r1', 'create', { ds: '2026-11-02' });
      const other = {
        kind: 'foreign',
        what: expect.stringMatching(/^run r1 of another date \(2026-11-02\) is there: give each/),
      };
      expect(await place.look()).toEqual(other);
      const own = { ts: '2026-11-02T05:00:00.000Z', ds: '2026-11-02' };
      expect(await place.look('test', own)).toMatchObject({ kind: 'failed', run: 'r1' });
    }).then(() =>
      withPlace(async (place) => {
        const ts = '2026-11-01T06:00:00Z';
        await finish(place, { ts, ds: '2026-11-01' });
        expect(await place.look()).toMatchObject({ kind: 'foreign' });
        expect(await place.look('test', { ts, ds: '2026-11-01' })).toMatchObject({
          kind: 'finished',
        });
      }),
    ));

  it('results of another job, and Parquet of another program', () =>
    withPlace(async (place) => {
      await finish(place);
      expect(await place.look('another')).toEqual({
        kind: 'foreign',
        what: 'results of the job "test" are there',
      });
      await writeFile(path.join(place.store.uri, 'x.parquet'), 'x');
      expect(await place.look()).toEqual({
        kind: 'foreign',
        what: 'Parquet of another program is there: x.parquet',
      });
    }));
});

it('dates that share a table are found by their manifests, and are scored again where they are partitions', async () => {
  const { store, run } = newPlace(['p']);
  for (const [id, ds] of [
    ['a', '2026-11-01'],
    ['b', '2026-11-02'],
    ['c', '2026-11-01'],
  ] as const) {
    const made = await run(id, 'replace-partitions', [ds]);
    const job = { ...made.plan.job, params: { ds } };
    await finalize(store, { ...made, plan: { ...made.plan, job } });
  }
  const dates = ['01', '02', '03'].map((day) => ({
    ts: `2026-11-${day}T05:00:00.000Z`,
    ds: `2026-11-${day}`,
  }));
  const place = { store, job: 'test' };
  expect(await findSharedDates(place, dates, 'replace-partitions')).toMatchObject([
    { kind: 'finished', run: 'c', rows: 200 },
    { kind: 'finished', run: 'b' },
    { kind: 'missing' },
  ]);
  expect(await findSharedDates(place, dates, 'append')).toMatchObject([
    {
      kind: 'foreign',
      what: 'scored by c, among other dates, which mode append cannot replace by themselves: give each date an output location of its own, or a partition (replace-partitions)',
    },
    { kind: 'foreign' },
    { kind: 'missing' },
  ]);
});
