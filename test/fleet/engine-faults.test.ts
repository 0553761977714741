import { failsOnRows, memoryHog, slow } from '@shardmill/test-kit';
import { expect, test } from 'vitest';
import { refusalOf, runOf } from '../support/command.js';
import { expectRefused } from '../support/expect-refusal.js';
import { hogOnDemand } from '../support/models.js';
import { numbered, usualJob, useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

test('a model that throws for every row fails the run', async () => {
  await place.prepare({
    model: failsOnRows(),
    job: { features: { id: 'id + 1000' }, output: { uri: 'out', columns: { value: 'value' } } },
  });
  await expectRefused(place, await place.shardmill('run', 'job.json', '--json'), {
    code: 'MODEL_RUN_FAILED',
    exit: 1,
    message: /every row tried fails: .*out of data bounds/,
    where: `shard 0: rows 0 to 99 of ${place.path('data/a.parquet')}`,
  });
});

test('a model that takes more memory than the limit fails its run and not the program', async () => {
  // A run keeps the memory, and there are many: one of the looks at it comes in between.
  await place.prepare({
    rows: 300,
    model: memoryHog({ bytes: 700e6 }),
    job: { errors: { attempts: 1 } },
  });
  const limits = ['--memory-limit', '500MB', '--batch-rows', '1', '--lanes', '1'];
  const ended = await place.shardmill('run', 'job.json', '--json', ...limits);
  await expectRefused(place, ended, {
    code: 'ENGINE_OUT_OF_MEMORY',
    exit: 1,
    message: /used \d+ MiB, its limit is 477 MiB/,
    where: `shard 0: rows 0 to 299 of ${place.path('data/a.parquet')}`,
    remedy: /batchRows.*memoryLimit/,
  });
});

test('rows that take too much memory fail their shard, and the others are done', async () => {
  await place.writeParquet(
    'data/a.parquet',
    'SELECT i::BIGINT AS id, CASE WHEN i // 100 = 1 THEN 2e8 ELSE 1 END AS size FROM range(400) r(i)',
  );
  await place.write('model.onnx', hogOnDemand());
  await place.writeJob({
    features: { size: 'size' },
    plan: { partRows: 100, shardParts: 1 },
    errors: { attempts: 2 },
  });
  const limits = ['--memory-limit', '500MB', '--batch-rows', '1', '--lanes', '1'];
  const ended = await place.shardmill('run', 'job.json', '--json', ...limits);
  await expectRefused(place, ended, {
    code: 'ENGINE_OUT_OF_MEMORY',
    exit: 1,
    message: /1 of 4 shards failed, the others are done and kept, 2 attempts/,
    where: `shard 1: rows 100 to 199 of ${place.path('data/a.parquet')}`,
  });
  expect(await place.results('count(*) AS n, count_if(id // 100 = 1) AS bad')).toEqual([
    { n: 300, bad: 0 },
  ]);
});

test('rows that kill their engine fail their shard, and its neighbours are done', async () => {
  await place.prepare({ rows: 800 });
  // A good shard takes longer than the bad one beside it needs to kill the engine of both.
  await place.write(
    'poison.mjs',
    `import { setTimeout as sleep } from 'node:timers/promises';
    export default async (batch) => {
      for (const id of batch.getChild('id')) if (id === 300n) process.kill(process.pid, 'SIGKILL');
      await sleep(50);
      return batch;
    };`,
  );
  await place.writeJob({
    transform: { columns: ['id', 'a', 'b', 'c'], module: 'poison.mjs' },
    plan: { partRows: 50, shardParts: 4 },
    errors: { attempts: 1 },
  });
  const ended = await place.shardmill('run', 'job.json', '--json');
  await expectRefused(place, ended, {
    code: 'ENGINE_CRASHED',
    exit: 1,
    message: /SIGKILL.*1 of 4 shards failed, the others are done and kept\)/s,
    where: `shard 1: rows 200 to 399 of ${place.path('data/a.parquet')}`,
  });
  const [found] = await place.results(
    'count(DISTINCT id) AS ids, count(*) AS n, count_if(id = 300) AS bad',
  );
  expect(found).toMatchObject({ bad: 0 });
  expect(Number(found?.['n'])).toBeGreaterThanOrEqual(600);
  expect(found?.['ids']).toBe(found?.['n']);
});

test('a call of the model that does not return is stopped at the time limit', async () => {
  await place.prepare({
    model: slow({ iterations: 1e12 }),
    job: { errors: { attempts: 2, partTimeout: '1s' } },
  });
  const ended = await place.shardmill('run', 'job.json', '--json');
  await expectRefused(place, ended, {
    code: 'PART_TIMEOUT',
    exit: 1,
    message: /a part did not go on for 1 s.*2 attempts/,
    where: 'shard 0',
    remedy: /partTimeout/,
  });
  expect(ended.stderr).toContain('trying again');
});

test('a part that goes on may take longer than the time limit', async () => {
  const chunks = 8;
  await place.prepare({ rows: chunks * 2048 });
  await place.write(
    'slow.mjs',
    `import { setTimeout as sleep } from 'node:timers/promises';
    export default async (batch) => {
      await sleep(600);
      return batch;
    };`,
  );
  await place.writeJob({
    transform: { columns: ['id', 'a', 'b', 'c'], module: 'slow.mjs' },
    errors: { attempts: 1, partTimeout: '3s' },
  });
  // All of it is one part, which sleeps for almost five seconds.
  const run = runOf(await place.shardmill('run', 'job.json', '--json', '--batch-rows', '2048'));
  expect(run.rows.scored).toBe(chunks * 2048);
});

test('an expression that fails on a value fails its shard and keeps the others', async () => {
  await place.prepare({
    rows: 400,
    job: {
      output: {
        uri: 'out',
        columns: {
          ...usualJob.output.columns,
          n: "CASE WHEN id = 150 THEN 'x' ELSE '1' END::INTEGER",
        },
      },
      plan: { partRows: 100, shardParts: 1 },
    },
  });
  await expectRefused(place, await place.shardmill('run', 'job.json', '--json'), {
    code: 'EXPRESSION_FAILED',
    exit: 1,
    message: /'x'.*1 of 4 shards failed/s,
    where: 'shard 1',
    remedy: /try_cast/,
  });
  expect(await place.results('count(*) AS n')).toEqual([{ n: 300 }]);
});

test("a null feature fails the run where the job says nulls: 'fail'", async () => {
  await place.writeParquet(
    'data/b.parquet',
    `SELECT * REPLACE (nullif(id, 7)::DOUBLE AS a) FROM (${numbered(20)})`,
  );
  await place.prepare({ job: { nulls: 'fail' } });
  const ended = await place.shardmill('run', 'job.json', '--json');
  await expectRefused(place, ended, {
    code: 'NULL_FEATURE',
    exit: 1,
    message: /"a" is null/,
    where: 'features.features',
    remedy: /coalesce/,
  });
  expect(refusalOf(ended).exitCode).toBe(1);
});
