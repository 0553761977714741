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
import { waitFor } from '../support/wait.js';
import { numbered, usualJob, useWorkplace } from '../support/workplace.js';
import { AMPLE_LIMITS } from '../support/ample-limits.js';

const place = useWorkplace();
const lake = useLake(place);
const RUN = ['run', 'job.json', '--json'] as const;

/** The usual job with its input, model and output in the lake. */
const lakeJob = () => ({
  ...usualJob,
  input: { uri: lake.uri('data') },
  model: { uri: lake.uri('model.onnx') },
  output: { ...usualJob.output, uri: lake.uri('out') },
});

/** `data/a.parquet` and the model, there. */
async function prepare(rows: number): Promise<void> {
  await place.prepare({ rows });
  await lake.upload('data/a.parquet');
  await lake.upload('model.onnx');
  await place.writeJob(lakeJob());
}

/** What is left of the staging and temporary folders of the cache. */
const leftInCache = (): Promise<string[]> =>
  readdir(place.path('.cache/shardmill/work')).catch(() => []);

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
    const { runId } = runOf(await place.shardmill(...RUN));
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
    // Of files that their partition rules out only the footer was read.
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

describe('staging', () => {
  const GROUP_ROWS = 153_600;

  /** Columns that do not compress, each more than 1 MiB in every one of four row groups. */
  async function wideFile(): Promise<Map<string, { start: number; end: number }[]>> {
    const columns = Array.from({ length: 5 }, (_, i) => `random() AS r${i}`);
    const file = await place.writeParquet(
      'data/wide.parquet',
      `SELECT i::BIGINT AS id, ${columns.join(', ')} FROM range(${4 * GROUP_ROWS}) t(i)`,
      `ROW_GROUP_SIZE ${GROUP_ROWS}`,
    );
    await lake.upload('data/wide.parquet');
    await place.write('model.onnx', logisticRegression({ features: 2 }));
    await lake.upload('model.onnx');
    const chunks = await place.sql(
      `SELECT path_in_schema AS name, row_group_id AS rowGroup,
         coalesce(dictionary_page_offset, data_page_offset) AS start, total_compressed_size AS bytes
       FROM parquet_metadata('${file}') ORDER BY row_group_id`,
    );
    const places = new Map<string, { start: number; end: number }[]>();
    for (const chunk of chunks) {
      const [start, bytes] = [Number(chunk['start']), Number(chunk['bytes'])];
      const name = String(chunk['name']);
      places.set(name, [...(places.get(name) ?? []), { start, end: start + bytes }]);
    }
    return places;
  }

  const bytesOf = (ranges: { start: number; end: number }[]): number =>
    ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  const touches = (
    ranges: { start: number; end: number }[],
    chunk: { start: number; end: number } | undefined,
  ): boolean =>
    ranges.some((r) => chunk !== undefined && r.start < chunk.end && chunk.start < r.end);

  test('fetches the columns that are used, each byte once, and no row group that is ruled out', async () => {
    const chunks = await wideFile();
    await place.writeJob({
      ...lakeJob(),
      input: { uri: lake.uri('data'), where: `id >= ${2 * GROUP_ROWS}` },
      features: { features: ['r1', 'r3'] },
      // Parts that are smaller than a row group: several read the same one.
      plan: { partRows: 50_000, shardParts: 20 },
    });
    lake.forget();
    const run = runOf(await place.shardmill(...RUN));
    expect(run.rows).toMatchObject({ read: 4 * GROUP_ROWS, scored: 2 * GROUP_ROWS });
    expect(run.parts).toBeGreaterThan(2);

    const ranges = lake.rangesOf('data/wide.parquet');
    const size = Math.max(...ranges.map(({ end }) => end));
    const tails = ranges.filter(({ end }) => end === size);
    const data = ranges.filter(({ end }) => end < size);
    // The footer: twice for the plan, once for the engine's look at it, once for the shard.
    expect(tails).toHaveLength(4);
    const used = ['id', 'r1', 'r3'].flatMap((name) => chunks.get(name)?.slice(2) ?? []);
    const wanted = bytesOf(used);
    expect(bytesOf(data)).toBe(wanted);
    for (const chunk of used) expect(touches(data, chunk)).toBe(true);
    for (const unused of ['r0', 'r2', 'r4']) {
      for (const chunk of chunks.get(unused) ?? []) expect(touches(data, chunk)).toBe(false);
    }
    for (const name of ['id', 'r1', 'r3']) {
      for (const chunk of chunks.get(name)?.slice(0, 2) ?? []) {
        expect(touches(data, chunk)).toBe(false);
      }
    }
    const sorted = data.toSorted((a, b) => a.start - b.start);
    for (const [index, { start }] of sorted.entries()) {
      expect(start).toBeGreaterThanOrEqual(sorted[index - 1]?.end ?? 0);
    }
    const object = lake.uri('data/wide.parquet').slice('s3:/'.length);
    const asked = lake.requests().filter((request) => request.path === object);
    expect(asked.every(({ ifMatch }) => ifMatch !== undefined)).toBe(true);
    const record = await lake.store('out').read(`_shardmill/${run.runId}/shards/000000.json`);
    const { seconds } = JSON.parse(Buffer.from(record ?? []).toString()) as {
      seconds: Record<string, number>;
    };
    expect(seconds['stage']).toBeGreaterThan(0);
  });

  test('asks nobody for a model whose digest is pinned and known', async () => {
    await prepare(100);
    runOf(await place.shardmill(...RUN));
    const manifest = await place.shardmill('inspect', lake.uri('out'), '--json');
    const { sha256 } = (JSON.parse(manifest.stdout) as { manifest: { model: { sha256: string } } })
      .manifest.model;
    await place.writeJob({
      ...lakeJob(),
      model: { uri: lake.uri('model.onnx'), sha256 },
      output: { ...usualJob.output, uri: lake.uri('again') },
    });
    lake.forget();
    runOf(await place.shardmill(...RUN));
    const model = lake.uri('model.onnx').slice('s3:/'.length);
    expect(lake.requests().filter((request) => request.path === model)).toEqual([]);
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

describe('what is missing or refused is told, with an exit code', () => {
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
