import { readdir, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { resolveParameters } from '@shardmill/core';
import { parseJob } from '@shardmill/core/schemas';
import { logisticRegression } from '@shardmill/test-kit';
import { EngineProcess } from '@shardmill/worker';
import { localRun } from '@shardmill/client/local-run';
import { describe, expect, test } from 'vitest';
import { refusalOf, runOf } from '../support/command.js';
import { Gate } from '../support/gate.js';
import { useLake } from '../support/lake.js';
import { useLakeRun } from '../support/lake-run.js';
import { waitFor } from '../support/wait.js';
import { numbered, usualJob, useWorkplace } from '../support/workplace.js';
import { AMPLE_LIMITS } from '../support/ample-limits.js';

const place = useWorkplace();
const lake = useLake(place);
const RUN = ['run', 'job.json', '--json'] as const;

const { lakeJob, prepare, leftInCache } = useLakeRun(place, lake);

describe('a run from S3 to S3', () => {
  test('gives what the same run on files gives, row for row', async () => {
    const job = {
      where: 'id % 7 <> 3',
      columns: { score: 'round(score, 6)', twice: '2 * model.score', word: 'upper(word)' },
    };
    for (const [name, first] of [
      ['ds=2026-01-01/a', 0],
      ['ds=2026-01-02/a', 20_000],
      ['ds=2026-01-02/b', 40_000],
    ] as const) {
      const file = `data/${name}.parquet`;
      await place.writeParquet(
        file,
        `SELECT id, if(id % 100 = 0, NULL, a) AS a, b, c, 'w' || id % 50 AS word, md5(id::VARCHAR) AS unused,
          {'n': id, 'list': [a, b]} AS nested FROM (${numbered(15_000, first)})`,
        'ROW_GROUP_SIZE 2048',
      );
      await lake.upload(file);
    }
    await place.write('model.onnx', logisticRegression({ features: 3 }));
    await lake.upload('model.onnx');
    const output = { columns: job.columns, passThrough: ['id', 'ds', 'nested'] };
    const common = { plan: { partRows: 7000, shardParts: 2 }, errors: { maxRejectedRows: '2%' } };
    await place.writeJob({
      ...common,
      input: { uri: 'data', where: job.where },
      output: { ...output, uri: 'out' },
    });
    const local = runOf(await place.shardmill(...RUN));
    await place.writeJob({
      ...common,
      input: { uri: lake.uri('data'), where: job.where },
      model: { uri: lake.uri('model.onnx') },
      output: { ...output, uri: lake.uri('out') },
    });
    const remote = runOf(await place.shardmill(...RUN));
    expect(remote.rows).toEqual(local.rows);
    expect(remote.rows.rejected).toBeGreaterThan(300);
    expect(remote.parts).toBe(local.parts);
    await lake.download('out', 'downloaded');
    const rows = 'id, ds, nested, score, twice, word ORDER BY id';
    const select = (folder: string) =>
      place.sql(
        `SELECT id, ds, nested::VARCHAR AS nested, score, twice, word
         FROM read_parquet('${place.path(folder)}/*.parquet') ORDER BY ${rows.split(',')[0]}`,
      );
    expect(await select('downloaded')).toEqual(await select('out'));
    const keys = [...(await lake.objects('out')).keys()];
    expect(keys).toContain('_SUCCESS');
    expect(keys).toContain(`_shardmill/${remote.runId}/manifest.json`);
    expect(keys.filter((key) => key.includes('/rejected/')).length).toBeGreaterThan(0);
    expect(await leftInCache()).toEqual([]);
  });

  test('can be looked at where it is: the run, the data, the model', async () => {
    await prepare(5000);
    // A profile of the data is made and kept there, too, and the run is compared with it.
    const base = lake.uri('base.json');
    const columns = ['--columns', 'a,b,c', '-o', base];
    await place.shardmill('profile', 'create', '--input', lake.uri('data'), ...columns);
    const profile = { features: true, rows: 'all' as const };
    await place.writeJob({ ...lakeJob(), profile, drift: { baseline: base } });
    const { runId, drift } = runOf(await place.shardmill(...RUN));
    expect(drift?.baseline).toMatchObject({ uri: base, runId: null });
    // Doubles there and floats in the run are the same values, but for some at the edge of a bin.
    const psi = drift?.columns.map(({ name, metrics: [first] }) => [name, first?.value]);
    expect(psi).toEqual(['a', 'b', 'c'].map((name) => [name, expect.closeTo(0, 2)]));
    const inspect = async (name: string): Promise<unknown> => {
      const { stdout, stderr } = await place.shardmill('inspect', lake.uri(name), '--json');
      expect(stderr).toBe('');
      return JSON.parse(stdout);
    };
    const run = {
      kind: 'run',
      output: lake.uri('out'),
      manifest: { runId, rows: { scored: 5000 } },
    };
    expect(await inspect('out')).toMatchObject(run);
    expect(await inspect(`out/_shardmill/${runId}/manifest.json`)).toMatchObject(run);
    expect(await inspect('data')).toMatchObject({
      kind: 'parquet',
      parquet: {
        rows: 5000,
        rowGroups: 3,
        columns: [{ name: 'id', type: 'BIGINT', min: '0', max: '4999' }, {}, {}, {}],
        sample: { length: 5, 0: ['0', '-10.0', '1.0', '0.0'] },
      },
    });
    expect(await inspect('model.onnx')).toMatchObject({ kind: 'model', model: { bytes: 285 } });
    expect(await leftInCache()).toEqual([]);
  });

  test('can be begun by init there, with the names of the training beside the model', async () => {
    await place.prepare({ rows: 5000 });
    await place.write('feature_names.json', '["c", "a", "b"]');
    for (const name of ['data/a.parquet', 'model.onnx', 'feature_names.json']) {
      await lake.upload(name);
    }
    const files = ['--from', lake.uri('data'), '--model', lake.uri('model.onnx')];
    const { stdout, stderr } = await place.shardmill('init', 'new', '--yaml', '--json', ...files);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ undecided: [], keys: ['id'] });
    const text = await readFile(place.path('new/job.yaml'), 'utf8');
    expect(text).toMatch(/in the order of feature_names\.json\n +features:\n +- c\n +- a\n +- b\n/);
    expect(text).toContain(`uri: "${lake.uri('data')}"`);
    expect(await leftInCache()).toEqual([]);
  });

  test('takes globs and partitions of keys as of paths', async () => {
    for (const ds of ['2026-01-01', '2026-01-02', '2026-02-01']) {
      for (const country of ['AE', 'DE']) {
        const file = `data/ds=${ds}/country=${country}/a.parquet`;
        await place.writeParquet(file, numbered(100));
        await lake.upload(file);
      }
    }
    await place.write('model.onnx', logisticRegression({ features: 3 }));
    await lake.upload('model.onnx');
    await place.writeJob({
      ...lakeJob(),
      input: { uri: lake.uri('data/ds=2026-01-*/**/*.parquet'), where: "country = 'AE'" },
      output: { uri: lake.uri('out'), columns: { id: 'id', ds: 'ds', country: 'country' } },
    });
    lake.forget();
    expect(runOf(await place.shardmill(...RUN)).rows).toMatchObject({ read: 400, scored: 200 });
    // Only the footer was read of files that their partition rules out.
    expect(lake.rangesOf('data/ds=2026-01-01/country=DE/a.parquet')).toHaveLength(1);
    expect(lake.rangesOf('data/ds=2026-02-01/country=AE/a.parquet')).toHaveLength(0);
    await lake.download('out', 'downloaded');
    expect(
      await place.sql(
        `SELECT ds::VARCHAR AS ds, country, count(*) AS n
         FROM read_parquet('${place.path('downloaded')}/*.parquet') GROUP BY ALL ORDER BY ds`,
      ),
    ).toEqual([
      { ds: '2026-01-01', country: 'AE', n: 100 },
      { ds: '2026-01-02', country: 'AE', n: 100 },
    ]);
  });

  test.each([
    ['from files to S3', (uri: string) => ({ input: { uri: 'data' }, output: { uri } })],
    [
      'from S3 to files',
      (_: string, data: string) => ({ input: { uri: data }, output: { uri: 'out' } }),
    ],
  ])('%s works as well', async (_, locations) => {
    await prepare(3000);
    const { input, output } = locations(lake.uri('out'), lake.uri('data'));
    await place.writeJob({ ...lakeJob(), input, output: { ...usualJob.output, ...output } });
    expect(runOf(await place.shardmill(...RUN)).rows.scored).toBe(3000);
    expect(await leftInCache()).toEqual([]);
  });
});

describe('an object that is overwritten between plan and scoring', () => {
  test.each([
    ['by other rows', () => place.writeParquet('data/a.parquet', numbered(800, 5000))],
    [
      'by the same rows, written otherwise',
      () => place.writeParquet('data/a.parquet', numbered(800), 'COMPRESSION zstd'),
    ],
  ])('%s fails the run, and nothing looks finished', async (_, overwrite) => {
    await place.prepare({ rows: 800 });
    await lake.upload('data/a.parquet');
    await lake.upload('model.onnx');
    // Some parts are staged before the change, which is as good as before the plan.
    const gate = await Gate.before(0, place, {
      ...lakeJob(),
      transform: { columns: ['id', 'a', 'b', 'c'], module: 'gate.mjs' },
      plan: { partRows: 100, shardParts: 1 },
    });
    const jobFile = place.path('job.json');
    const job = parseJob(gate.job, jobFile);
    const change = async (): Promise<void> => {
      await overwrite();
      await lake.upload('data/a.parquet');
      await gate.open();
    };
    const run = localRun(
      {
        job,
        jobFile,
        params: resolveParameters(job, {}, new Date()),
        signal: new AbortController().signal,
        engine: EngineProcess.start({ cacheFolder: place.path('.cache/shardmill') }),
        stores: lake.stores,
        cacheFolder: place.path('.cache/shardmill'),
        limits: AMPLE_LIMITS,
      },
      { planned: () => void change(), progress: () => {}, notice: () => {} },
    );
    await expect(run).rejects.toMatchObject({
      code: 'INPUT_CHANGED',
      where: lake.uri('data/a.parquet'),
    });
    const keys = [...(await lake.objects('out')).keys()];
    expect(keys.filter((key) => /_SUCCESS|manifest/.test(key))).toEqual([]);
    await lake.download('out', 'downloaded');
    const parts = await readdir(place.path('downloaded')).catch(() => []);
    if (parts.length === 0) return;
    // What was scored is of the planned content.
    expect(
      await place.sql(
        `SELECT max(id) AS id FROM read_parquet('${place.path('downloaded')}/*.parquet')`,
      ),
    ).toEqual([{ id: expect.toSatisfy((id: number) => id < 800) }]);
  });
});

describe('what is missing or refused is reported, with an exit code', () => {
  test.each<[what: string, change: () => object, code: string, where: RegExp, exit: number]>([
    [
      'a bucket',
      () => ({ input: { uri: 's3://nowhere/data' } }),
      'INPUT_NOT_FOUND',
      /s3:\/\/nowhere/,
      2,
    ],
    ['an input', () => ({ input: { uri: lake.uri('dta') } }), 'INPUT_NOT_FOUND', /\/dta$/, 2],
    [
      'a model',
      () => ({ model: { uri: lake.uri('none.onnx') } }),
      'MODEL_NOT_FOUND',
      /none\.onnx$/,
      2,
    ],
    [
      'the bucket of the output',
      () => ({ output: { ...usualJob.output, uri: 's3://nowhere/out' } }),
      'OUTPUT_NOT_WRITABLE',
      /s3:\/\/nowhere/,
      2,
    ],
    [
      'an output in the input',
      () => ({ output: { ...usualJob.output, uri: lake.uri('data/out') } }),
      'OUTPUT_INSIDE_INPUT',
      /output\.uri/,
      2,
    ],
  ])('%s', async (_, change, code, where, exit) => {
    await prepare(100);
    await place.writeJob({ ...lakeJob(), ...change() });
    const ended = await place.shardmill(...RUN);
    expect(refusalOf(ended)).toMatchObject({ code, exitCode: exit });
    expect(refusalOf(ended).where).toMatch(where);
    expect(ended.code).toBe(exit);
  });

  test('credentials that are refused', async () => {
    await prepare(100);
    const ended = await place.startIn('AWS_SECRET_ACCESS_KEY=wrong "$@"', ...RUN).ended;
    expect(refusalOf(ended)).toMatchObject({ code: 'STORE_DENIED', exitCode: 2 });
  });
});

test('a store that never answers does not keep Ctrl-C waiting', async () => {
  await prepare(100);
  const connections: Socket[] = [];
  const silent = createServer((socket) => connections.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = silent.address() as AddressInfo;
    const run = place.startIn(`AWS_ENDPOINT_URL_S3=http://127.0.0.1:${port} "$@"`, ...RUN);
    await waitFor('a request', () => connections.length > 0, run);
    run.kill('SIGINT');
    const ended = await run.ended;
    expect(refusalOf(ended)).toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
  } finally {
    for (const socket of connections) socket.destroy();
    silent.close();
  }
});

test('a run that is killed in the middle goes on at the first missing part', async () => {
  await place.prepare({ rows: 800 });
  await lake.upload('data/a.parquet');
  await lake.upload('model.onnx');
  const gate = await Gate.before(400, place, {
    ...lakeJob(),
    transform: { columns: ['id', 'a', 'b', 'c'], module: 'gate.mjs' },
    plan: { partRows: 100, shardParts: 2 },
  });
  const run = place.start(...RUN);
  const parts = async () =>
    new Map([...(await lake.objects('out'))].filter(([key]) => key.startsWith('part-')));
  await waitFor('four parts', async () => (await parts()).size === 4, run);
  run.kill('SIGKILL');
  expect((await run.ended).code).toBeNull();
  expect((await leftInCache()).length).toBeGreaterThan(0);
  const before = await parts();
  await gate.open();
  expect(runOf(await place.shardmill(...RUN))).toMatchObject({
    resumed: true,
    rowsResumed: 400,
    rows: { read: 800, scored: 800 },
    parts: 8,
  });
  const after = await parts();
  expect(after.size).toBe(8);
  for (const [key, etag] of before) expect(after.get(key)).toBe(etag);
  await lake.download('out', 'downloaded');
  expect(
    await place.sql(
      `SELECT count(*) AS n, count(DISTINCT id) AS ids FROM read_parquet('${place.path('downloaded')}/*.parquet')`,
    ),
  ).toEqual([{ n: 800, ids: 800 }]);
  expect(await leftInCache()).toEqual([]);
});
