import type { JobDefinition } from '@shardmill/core';
import { logisticRegression } from '@shardmill/test-kit';
import { beforeEach, expect, test } from 'vitest';
import { runOf } from '../support/command.js';
import { documentOf, failureOf, useFleet } from '../support/fleet.js';
import { useLake } from '../support/lake.js';
import { waitFor } from '../support/wait.js';
import { usualJob, useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
const lake = useLake(place);
const fleet = useFleet(place);
beforeEach(() => fleet.configure({ state: { uri: lake.uri('state') } }));

/** The usual job with its input, model and output in the lake, and both of the first two there. */
async function prepare(rows: number): Promise<void> {
  await place.prepare({ rows });
  await lake.upload('data/a.parquet');
  await lake.upload('model.onnx');
  await writeLakeJob({ output: { ...usualJob.output, uri: lake.uri('out') } });
}

const writeLakeJob = (change: Pick<JobDefinition, 'output' | 'challengers'>) =>
  place.writeJob({
    input: { uri: lake.uri('data') },
    model: { uri: lake.uri('model.onnx') },
    plan: { partRows: 2048, shardParts: 1 },
    ...change,
  });

const commitOf = (version: number): string =>
  `_delta_log/${String(version).padStart(20, '0')}.json`;

/** A table without files that wants a checkpoint with each commit. */
const EMPTY_TABLE = [
  { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
  {
    metaData: {
      id: 'made-elsewhere',
      format: { provider: 'parquet', options: {} },
      schemaString: JSON.stringify({
        type: 'struct',
        fields: [
          ['p', 'string'],
          ['id', 'long'],
          ['score', 'float'],
          ['next_score', 'float'],
          ['next_scored', 'boolean'],
          ['tenth_score', 'float'],
          ['tenth_scored', 'boolean'],
        ].map(([name, type]) => ({ name, type, nullable: true, metadata: {} })),
      }),
      partitionColumns: ['p'],
      configuration: { 'delta.checkpointInterval': '1' },
    },
  },
]
  .map((action) => `${JSON.stringify(action)}\n`)
  .join('');

test('a fleet with input, model, output and state in S3 gives every row once, also by partition', {
  timeout: 180_000,
}, async () => {
  await prepare(10_000);
  const first = fleet.scheduler();
  for (let n = 0; n < 2; n++) fleet.worker();
  await fleet.ready(1, 2);
  const run = runOf(await place.shardmill('submit', 'job.json', '--wait', '--json'));
  expect(run.rows).toEqual({ read: 10_000, scored: 10_000, rejected: 0, filtered: 0 });
  const status = await fleet.status('last');
  expect(status).toMatchObject({ state: 'finished', rowsDone: 10_000, shards: { done: 5 } });
  expect(status.usage).toEqual({ pool: 'cpu', workerSeconds: expect.any(Number) });
  const runs = documentOf(await place.shardmill('runs', '--json'));
  expect(runs).toMatchObject([{ run: run.runId, state: 'finished', rowsDone: 10_000 }]);
  // By partition and with challengers: on this machine as plain results, and by the fleet as a table.
  await place.write('next.onnx', logisticRegression({ features: 3, seed: 7 }));
  await lake.upload('next.onnx');
  const model = { uri: lake.uri('next.onnx') };
  const challengers: JobDefinition['challengers'] = [
    { name: 'next', model, bands: [0.5] },
    { name: 'tenth', model, share: 0.1, shareBy: 'id' },
  ];
  const columns = { p: "if(id % 3 = 0, NULL, 'a/b ' || id % 3)", id: 'id', score: 'score' };
  const byPartition = (name: string) => ({
    challengers,
    output: { uri: lake.uri(name), partitionBy: ['p'], columns },
  });
  await writeLakeJob(byPartition('again'));
  const local = runOf(await place.shardmill('run', 'job.json', '--json'));
  expect(local.rows).toEqual(run.rows);
  // The scheduler is killed between the parts and the commit, whose request is held on its way.
  await lake.write(`table/${commitOf(0)}`, Buffer.from(EMPTY_TABLE));
  const { output } = byPartition('table');
  await writeLakeJob({
    challengers,
    output: { ...output, table: 'delta', mode: 'replace-partitions' },
  });
  const held = lake.proxy.holdNext(
    ({ method, path }) => method === 'PUT' && path.endsWith(`/table/${commitOf(1)}`),
  );
  const submitted = place.shardmill('submit', 'job.json', '--wait', '--json');
  await waitFor('the commit', async () => held.arrived, first);
  first.kill('SIGKILL');
  fleet.scheduler();
  const table = runOf(await submitted);
  held.release();
  expect(table).toMatchObject({ rows: run.rows, table: { version: 1 } });
  expect(table.challengers).toEqual(local.challengers);
  const [all, tenth] = local.challengers ?? [];
  expect(all?.rows).toEqual({ sampled: 10_000, scored: 10_000, failed: 0 });
  const sampled = tenth?.rows.sampled ?? 0;
  expect(Math.abs(sampled - 1000)).toBeLessThan(100);
  const expected = {
    n: 10_000,
    ids: 10_000,
    nulls: 3334,
    p: 'a/b 2',
    next: 10_000,
    tenth: sampled,
    same: sampled,
  };
  for (const name of ['again', 'table']) {
    await lake.download(name, name);
    const files = `read_parquet('${place.path(name)}/**/*.parquet', hive_partitioning = true)`;
    expect(
      await place.sql(`SELECT count(*) AS n, count(DISTINCT id) AS ids, count(*) - count(p) AS nulls,
        max(p) AS p, count(next_score) AS next, count(tenth_scored) AS tenth,
        count(*) FILTER (tenth_score = next_score) AS same FROM ${files}`),
    ).toEqual([expected]);
  }
  const log = await lake.store('table').read(commitOf(1));
  const lines = Buffer.from(log ?? [])
    .toString()
    .trim()
    .split('\n');
  const values = lines.flatMap((line) => JSON.parse(line).add?.partitionValues ?? []);
  // Each of the five parts has rows of each partition.
  expect(values.filter(({ p }) => p === null)).toHaveLength(5);
  expect(values).toHaveLength(15);
  // Committed once, by the scheduler that came later, which wrote the checkpoint as well.
  const keys = () => lake.objects('table/_delta_log').then((found) => [...found.keys()]);
  await waitFor('the checkpoint', async () => (await keys()).includes('_last_checkpoint'));
  expect((await keys()).filter((key) => key.endsWith('.json'))).toHaveLength(2);
});

test('doctor tries the stores with each operation, and names the one that fails', async () => {
  await prepare(100);
  const ended = await place.shardmill('doctor', '--job', 'job.json', '--json');
  const { stdout } = ended;
  expect(ended.code, stdout).toBe(0);
  for (const what of ['state', 'output']) {
    expect(stdout).toContain(`"what": "${what}"`);
    expect(stdout).toContain(': list, create, read, create only once, delete');
  }
  expect(stdout).toContain('"what": "clock"');
  const wrong = await place.shardmill('doctor', '--uri', 's3://no-such-bucket/x');
  expect(wrong.code).toBe(1);
  expect(wrong.stdout).toMatch(/✗ location +s3:\/\/no-such-bucket\/x: cannot list: \w+/);
});

test('a run whose buckets are in a region that is not allowed is refused, and the log of runs has it', async () => {
  await prepare(100);
  await fleet.configure({
    state: { uri: lake.uri('state') },
    allow: { regions: ['default', 'eu-*=eu-central-1'] },
  });
  await fleet.start(1);
  const good = runOf(await place.shardmill('submit', 'job.json', '--wait', '--json'));
  expect(good.rows.scored).toBe(100);
  const job = { input: { uri: lake.uri('data') }, model: { uri: lake.uri('model.onnx') } };
  await place.writeJob({
    ...job,
    name: 'eu-churn',
    output: { ...usualJob.output, uri: lake.uri('eu') },
  });
  const refusal = failureOf(await place.shardmill('submit', 'job.json', '--wait', '--json'), 2);
  expect(refusal).toMatchObject({ code: 'LOCATION_FORBIDDEN', where: lake.uri('data') });
  expect(refusal.message).toContain('eu-central-1 for it, and it is in default');
  const runs = documentOf(await place.shardmill('runs', '--all', '--json'));
  expect(runs).toMatchObject([
    { job: 'eu-churn', error: { code: 'LOCATION_FORBIDDEN', where: lake.uri('data') } },
    { job: 'test', error: null },
  ]);
  expect((await lake.objects('eu')).size).toBe(0);
});
