import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { FileStore, type Plan, planKey, SUCCESS_KEY } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { finalizeRun } from '../finalize/finalize-run.js';
import { publishPlan } from '../plan/publish-plan.js';
import { withFolder, writeParquet } from '../testing/parquet.js';
import { DyingStore, ofOtherData, type TestRun, testRun, work } from '../testing/run.js';
import { beginRun } from './begin-run.js';
import { openOutput } from './open-output.js';

interface Place {
  readonly store: FileStore;
  readonly out: string;
  /** A run of the data as it is, of other data, begun in a mode. */
  readonly run: (runId: string, mode?: Plan['mode'], other?: boolean) => Promise<TestRun>;
}

async function withPlace(use: (place: Place) => Promise<void>): Promise<void> {
  await withFolder(async (base) => {
    await mkdir(path.join(base, 'data'));
    await writeParquet(path.join(base, 'data/a.parquet'), 'SELECT i AS a FROM range(5000) r(i)');
    const out = path.join(base, 'out');
    let time = 0;
    const run: Place['run'] = async (runId, mode = 'create', other = false) => {
      const made = await testRun(base, runId, mode, new Date(++time * 1000));
      return other ? ofOtherData(made) : made;
    };
    await use({ store: new FileStore(out), out, run });
  });
}

async function begin({ store }: Pick<Place, 'store'>, run: TestRun): Promise<void> {
  await publishPlan(store, run);
  await beginRun(store, run.plan);
}
const finalize = (store: FileStore, run: TestRun) =>
  finalizeRun({
    store,
    plan: run.plan,
    maxRejectedRows: 0,
    now: new Date(5000),
    versions: {},
    seconds: {},
  });
async function finish(place: Pick<Place, 'store'>, run: TestRun): Promise<void> {
  await begin(place, run);
  await work(place.store, run);
  await finalize(place.store, run);
}

/** Of results that are no table. */
type PlainMode = Exclude<Plan['mode'], 'replace-partitions'>;

/** What is there, and what each mode answers for a new plan of digest `A`. */
const MATRIX: [string, (place: Place) => Promise<void>, Record<PlainMode, string>][] = [
  ['nothing', async () => {}, { create: 'fresh', overwrite: 'fresh', append: 'fresh' }],
  [
    'an unfinished run of the same data',
    async (place) => begin(place, await place.run('r1')),
    { create: 'resume r1', overwrite: 'resume r1', append: 'resume r1' },
  ],
  [
    'a run with a manifest but without _SUCCESS',
    async (place) => {
      const run = await place.run('r1');
      await finish(place, run);
      await place.store.delete(SUCCESS_KEY);
    },
    { create: 'resume r1', overwrite: 'resume r1', append: 'resume r1' },
  ],
  [
    'an unfinished run of other data',
    async (place) => begin(place, await place.run('r1', 'create', true)),
    { create: 'OUTPUT_EXISTS', overwrite: 'fresh', append: 'OUTPUT_EXISTS' },
  ],
  [
    'a finished run of the same data',
    async (place) => finish(place, await place.run('r1')),
    { create: 'OUTPUT_EXISTS', overwrite: 'fresh', append: 'OUTPUT_EXISTS' },
  ],
  [
    'a finished run of other data',
    async (place) => finish(place, await place.run('r1', 'create', true)),
    { create: 'OUTPUT_EXISTS', overwrite: 'fresh', append: 'fresh' },
  ],
  [
    'a finished run, and an unfinished one appended to it',
    async (place) => {
      await finish(place, await place.run('r1', 'create', true));
      await begin(place, await place.run('r2', 'append'));
    },
    { create: 'resume r2', overwrite: 'fresh', append: 'resume r2' },
  ],
  [
    'a finished run of the same data, and an unfinished one of other data',
    async (place) => {
      await finish(place, await place.run('r1'));
      await begin(place, await place.run('r2', 'overwrite', true));
    },
    { create: 'OUTPUT_EXISTS', overwrite: 'fresh', append: 'OUTPUT_EXISTS' },
  ],
  [
    'a finished run, and an unfinished one overwriting it',
    async (place) => {
      await finish(place, await place.run('r1', 'create', true));
      await begin(place, await place.run('r2', 'overwrite'));
    },
    { create: 'resume r2', overwrite: 'resume r2', append: 'OUTPUT_EXISTS' },
  ],
  [
    'Parquet of another program',
    async ({ store }) => void (await store.create('x/data.parquet', Buffer.from('x'))),
    { create: 'OUTPUT_EXISTS', overwrite: 'OUTPUT_EXISTS', append: 'fresh' },
  ],
  [
    'another visible file',
    async ({ store }) => void (await store.create('README.md', Buffer.from('x'))),
    { create: 'OUTPUT_EXISTS', overwrite: 'fresh', append: 'fresh' },
  ],
  [
    'hidden files only',
    async ({ store }) => void (await store.create('_shardmill/tmp/x', Buffer.from('x'))),
    { create: 'fresh', overwrite: 'fresh', append: 'fresh' },
  ],
  [
    'a plan of another version',
    async ({ store }) => void (await store.create(planKey('r9'), Buffer.from('{"format":"x"}'))),
    { create: 'OUTPUT_EXISTS', overwrite: 'fresh', append: 'OUTPUT_EXISTS' },
  ],
];

describe('opening an output location that holds', () => {
  it.each(MATRIX)('%s', (_what, prepare, expected) =>
    withPlace(async (place) => {
      await prepare(place);
      const { plan } = await place.run('new');
      const answers: Record<string, string> = {};
      for (const mode of ['create', 'overwrite', 'append'] as const) {
        answers[mode] = await openOutput(place.store, { ...plan, mode }).then(
          (opened) => (opened.kind === 'resume' ? `resume ${opened.plan.runId}` : opened.kind),
          (error: { code: string }) => error.code,
        );
      }
      expect(answers).toEqual(expected);
    }),
  );

  it('a finished run says which, how many rows and when', () =>
    withPlace(async (place) => {
      await finish(place, await place.run('r1'));
      const { plan } = await place.run('new');
      await expect(openOutput(place.store, { ...plan, mode: 'create' })).rejects.toMatchObject({
        message: expect.stringMatching(/run r1 of 499\d scored rows, finished 1970-01-01T00:00:05/),
        remedy: expect.stringContaining('--mode overwrite'),
      });
    }));
});

describe('beginning a run', () => {
  it('takes _SUCCESS of an earlier run away, and leaves its parts', () =>
    withPlace(async (place) => {
      await finish(place, await place.run('r1', 'create', true));
      const second = await place.run('r2', 'overwrite');
      await begin(place, second);
      await beginRun(place.store, second.plan);
      expect(await place.store.head(SUCCESS_KEY)).toBeUndefined();
      expect(await place.store.head('part-r1-000000-000000.parquet')).toBeDefined();
      await work(place.store, second);
      await finalize(place.store, second);
      await beginRun(place.store, second.plan);
      expect(await place.store.head(SUCCESS_KEY)).toBeDefined();
    }));

  it('can die between plan and beginning', () =>
    withPlace(async (place) => {
      await finish(place, await place.run('r1', 'create', true));
      const second = await place.run('r2', 'overwrite');
      await publishPlan(place.store, second);
      await expect(beginRun(new DyingStore(place.out, 0), second.plan)).rejects.toThrow('killed');
      const opened = await openOutput(place.store, second.plan);
      expect(opened).toMatchObject({ kind: 'resume', plan: { runId: 'r2' } });
    }));

  it('a table, is refused to a run whose output is none; and plain results to one whose output is', () =>
    withPlace(async (place) => {
      const { plan } = await place.run('new');
      const { scoring } = plan;
      const output = { ...scoring.output, table: 'delta' as const };
      const tablePlan = { ...plan, scoring: { ...scoring, output } };
      await finish(place, await place.run('r1'));
      for (const mode of ['append', 'overwrite'] as const) {
        await expect(openOutput(place.store, { ...tablePlan, mode })).rejects.toMatchObject({
          code: 'OUTPUT_EXISTS',
          message: 'results are there that are no table, and output.table is set',
        });
      }
      await place.store.create('_delta_log/00000000000000000000.json', Buffer.from('{}'));
      for (const mode of ['create', 'append', 'overwrite'] as const) {
        await expect(openOutput(place.store, { ...plan, mode })).rejects.toMatchObject({
          code: 'OUTPUT_EXISTS',
          remedy: expect.stringContaining("output.table to 'delta'"),
        });
      }
      await place.store.create('part-0-other-program.parquet', Buffer.from('x'));
      const opened = await openOutput(place.store, { ...tablePlan, mode: 'overwrite' });
      expect(opened.kind).toBe('fresh');
    }));
});
