import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  evaluationKey,
  FileStore,
  manifestKey,
  planKey,
  RECORD_FORMAT,
  type ShardRecord,
  shardRecordKey,
} from '@shardmill/core';
import { runReportSchema } from '@shardmill/client/report';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleEvaluation } from '../testing/sample-evaluation.js';
import { CommandLineHarness } from '../testing/command-line-harness.js';
import { sampleManifest, samplePlan } from '../testing/samples.js';

let harness: CommandLineHarness;
const { runId } = samplePlan;
const PAGE = `shardmill-report-${runId}.html`;

const record: ShardRecord = {
  format: RECORD_FORMAT,
  runId,
  planDigest: samplePlan.digest,
  shard: 0,
  rows: { read: 7043, scored: 7032, rejected: 11, filtered: 0 },
  parts: [
    {
      part: 0,
      rows: { read: 7043, scored: 7032, rejected: 11, filtered: 0 },
      object: { key: `part-${runId}-000000-000000.parquet`, bytes: 84_100, sha256: 'b' },
      rejected: { key: `_shardmill/${runId}/rejected/part-000000-000000`, bytes: 9, sha256: 'c' },
      made: {
        startedAt: '2026-11-22T05:00:00.200Z',
        endedAt: '2026-11-22T05:00:01.000Z',
        seconds: { singlePass: 0.7, publish: 0.1 },
      },
    },
  ],
  rejectedReasons: { 'total_charges is null': 11 },
  statistics: {},
  seconds: { singlePass: 0.7, publish: 0.1 },
  attempt: {
    worker: 'local',
    startedAt: '2026-11-22T05:00:00.100Z',
    endedAt: '2026-11-22T05:00:01.100Z',
  },
};

beforeEach(async () => {
  harness = await CommandLineHarness.open();
});
afterEach(() => harness.close());

/** A run at `out`, with or without its end. */
async function store(finished: boolean): Promise<void> {
  const out = new FileStore(path.join(harness.root, 'out'));
  const put = async (key: string, value: unknown): Promise<void> => {
    await out.create(key, Buffer.from(JSON.stringify(value)));
  };
  await put(planKey(runId), samplePlan);
  await put(shardRecordKey(runId, 0), record);
  await put(`_shardmill/${runId}/rejected/part-000000-000000`, {});
  if (finished) await put(manifestKey(runId), sampleManifest);
}

const files = async (): Promise<string[]> =>
  (await readdir(harness.root)).filter((name) => /\.(html|json|md)/.test(name));

describe('a report of an output folder', () => {
  it('is a file named after the run, and is made anew in its place', async () => {
    await store(true);
    for (const _time of [1, 2]) {
      const { exitCode, stdout } = await harness.shardmill('report out');
      expect([exitCode, await files()]).toEqual([0, [PAGE]]);
      expect(stdout).toContain(PAGE);
    }
    const page = await readFile(path.join(harness.root, PAGE), 'utf8');
    expect(page).toContain(samplePlan.digest);
    expect(page).toContain('total_charges is null');
  });

  it('is what the records and the manifest say, as JSON', async () => {
    await store(true);
    const { stdout } = await harness.shardmill('report out --json');
    const report = runReportSchema.parse(JSON.parse(stdout));
    expect(await files()).toEqual([]);
    expect(report).toMatchObject({
      runId,
      state: 'finished',
      rows: sampleManifest.rows,
      throughput: { parts: 1, rows: 7043, from: '2026-11-22T05:00:00.200Z' },
      workers: [{ worker: 'local', shards: 1, busySeconds: 1 }],
      slowestParts: [{ shard: 0, part: 0, seconds: 0.8, steps: { singlePass: 0.7 } }],
      steps: { singlePass: 0.7, publish: 0.1 },
      resumed: { parts: 0, rows: 0 },
      rejected: {
        rows: 11,
        columns: ['tenure', '_row'],
        reasons: [{ reason: 'total_charges is null', rows: 11, examples: [['0', null]] }],
      },
    });
    expect((await harness.shardmill('report out --format json')).stdout).toBe(stdout);
  });

  it('has the profile of the run where there is one, without its sketches', async () => {
    await store(true);
    const column = { name: 'tenure', type: 'float32', kind: 'number', count: 9, nulls: 0 };
    const values = { distinct: { count: 2, exact: true }, histogram: [], top: null };
    const profile = {
      format: 'shardmill-profile/1',
      features: {
        sampling: { every: 1, blockRows: 1024, rows: 9 },
        omitted: 0,
        columns: [{ ...column, ...values, sketch: { values: [1, 2] } }],
      },
      outputs: { columns: [] },
    };
    const file = path.join(harness.root, 'out', '_shardmill', runId, 'profile.json');
    await writeFile(file, JSON.stringify(profile));
    const { stdout } = await harness.shardmill('report out --json');
    expect(JSON.parse(stdout).profile).toEqual({
      features: {
        sampling: { every: 1, rows: 9 },
        omitted: 0,
        columns: [{ ...column, ...values }],
      },
      outputs: { columns: [] },
    });
  });

  it('has the evaluations that were saved, the latest first', async () => {
    await store(true);
    const out = new FileStore(path.join(harness.root, 'out'));
    const save = async (id: string, evaluatedAt: string): Promise<void> => {
      const evaluation = { ...sampleEvaluation, id, evaluatedAt };
      await out.create(evaluationKey(runId, id), Buffer.from(JSON.stringify(evaluation)));
    };
    await save('a', '2026-12-01T00:00:00.000Z');
    await save('b', '2026-12-02T00:00:00.000Z');
    const { stdout } = await harness.shardmill('report out --json');
    expect(JSON.parse(stdout).evaluations).toMatchObject([
      { id: 'b' },
      { id: 'a', task: 'binary' },
    ]);
    expect((await harness.shardmill('report out --format md')).stdout).toContain(
      '| `challenger` |',
    );
  });

  it('is Markdown on standard output, or in a file', async () => {
    await store(true);
    const { stdout } = await harness.shardmill('report out --format md');
    expect(stdout).toMatch(/^# churn\n/);
    await harness.shardmill('report out --format md -o run.md');
    expect(await readFile(path.join(harness.root, 'run.md'), 'utf8')).toBe(stdout);
  });

  it('can be of a run that has not finished, and says so', async () => {
    await store(false);
    const { stdout } = await harness.shardmill('report out --json');
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'unfinished',
      finishedAt: null,
      done: { shards: 1, parts: 1, bytes: 84_100 },
      rows: record.rows,
    });
    await harness.shardmill('report out');
    expect(await readFile(path.join(harness.root, PAGE), 'utf8')).toContain('Not finished');
  });

  it('has no values of the input where they are not wanted', async () => {
    await store(true);
    const { stdout } = await harness.shardmill('report out --json --no-examples');
    expect(JSON.parse(stdout)).toMatchObject({
      rejected: { columns: [], reasons: [{ rows: 11, examples: [] }] },
    });
  });

  it('is the same by the manifest of the run', async () => {
    await store(true);
    const folder = await harness.shardmill('report out --json');
    const manifest = await harness.shardmill(`report out/${manifestKey(runId)} --json`);
    expect(manifest.stdout).toBe(folder.stdout);
  });

  it('is of what a manifest says that lies apart from its run', async () => {
    await writeFile(path.join(harness.root, 'copy.json'), JSON.stringify(sampleManifest));
    const { stdout } = await harness.shardmill('report copy.json --json');
    expect(JSON.parse(stdout)).toMatchObject({
      runId,
      planned: null,
      rows: sampleManifest.rows,
      steps: sampleManifest.seconds,
      throughput: null,
      columns: [{ name: 'customer_id' }, { name: 'churn', mean: 0.2653 }],
    });
  });
});

describe('two runs are compared', () => {
  it('in a page named after both, as Markdown, or as both documents', async () => {
    await store(true);
    await writeFile(
      path.join(harness.root, 'copy.json'),
      JSON.stringify({ ...sampleManifest, runId: 'other' }),
    );
    const { exitCode } = await harness.shardmill('report --compare out copy.json');
    expect([exitCode, await files()]).toEqual([
      0,
      ['copy.json', `shardmill-report-${runId}-other.html`],
    ]);
    const markdown = await harness.shardmill('report --compare out copy.json --format md');
    expect(markdown.stdout).toContain(`| Run | ${runId} | other |`);
    const { stdout } = await harness.shardmill('report --compare out copy.json --json');
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      runs: [{ runId }, { runId: 'other' }],
    });
  });
});

describe('a report is refused', () => {
  const refusal = async (args: string): Promise<unknown> => {
    const { exitCode, stdout } = await harness.shardmill(`${args} --json`);
    return { exitCode, ...JSON.parse(stdout).error };
  };

  it.each([
    ['report nowhere/out', /no such file or folder/],
    ['report out', /no run has written to this path/],
    ['report churn-2026', /no path "churn-2026", and there is no run/],
    ['report last', /no path "last", and no run has been submitted yet/],
  ])('where there is no run: %s', async (args, message) => {
    await mkdir(path.join(harness.root, 'out'), { recursive: true });
    expect(await refusal(args)).toMatchObject({
      exitCode: 2,
      code: 'RUN_NOT_FOUND',
      message: expect.stringMatching(message),
      remedy: expect.stringContaining('output folder of a run'),
    });
  });

  it('for a run that the folder does not have, with those that it has', async () => {
    await store(true);
    expect(await refusal('report out --run 2026')).toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(runId),
    });
  });

  it.each([
    ['report out --open --format md', /--open shows HTML, and --format is md/],
    ['report out --open', /--json alone writes none/],
    ['report out out', /2 runs given, expected 1/],
    ['report --compare out', /1 run given, expected 2 with --compare/],
    ['report --compare out out --run 2026', /--compare takes two/],
    ['report last --run 2026', /"last" is no folder/],
    ['report out --format pdf', /pdf/],
  ])('where options contradict each other: %s', async (args, message) => {
    await store(true);
    expect(await refusal(args)).toMatchObject({
      exitCode: 2,
      code: 'USAGE',
      message: expect.stringMatching(message),
    });
    expect(await files()).toEqual([]);
  });

  it('where its file cannot be written, and nothing is left of it', async () => {
    await store(true);
    expect(await refusal('report out -o missing/run.html')).toMatchObject({
      code: 'OUTPUT_NOT_WRITABLE',
    });
    expect(await refusal('report out -o jobs')).toMatchObject({ code: 'OUTPUT_NOT_WRITABLE' });
    expect(await readdir(harness.root)).toEqual(['jobs', 'out']);
  });
});
