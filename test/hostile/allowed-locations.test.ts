import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import type { JobDefinition } from '@shardmill/core';
import { linearWithWeightsIn, logisticRegression, weightsFile } from '@shardmill/test-kit';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RunningCommand } from '../support/command.js';
import { failureOf, useFleet } from '../support/fleet.js';
import { waitFor } from '../support/wait.js';
import { numbered, usualJob, useWorkplace } from '../support/workplace.js';

// Somebody submits jobs to a fleet whose configuration says where jobs may read and write.

const place = useWorkplace('file');
const fleet = useFleet(place, 'file');
let scheduler: RunningCommand;

beforeAll(async () => {
  await place.prepare({ rows: 100 });
  await place.writeParquet('secret/a.parquet', numbered(100));
  for (const name of ['models/m.onnx', 'secret/m.onnx', 'lax/m.onnx']) {
    await place.write(name, logisticRegression({ features: 3 }));
  }
  await place.write('models/w.onnx', linearWithWeightsIn('weights'));
  await place.write('secret/weights', weightsFile(1, 2, 3));
  await symlink('../secret/a.parquet', place.path('data', 'link.parquet'));
  await mkdir(place.path('clean'));
  await place.writeParquet('clean/a.parquet', numbered(100));
  await mkdir(place.path('results'));
  await symlink('../secret', place.path('results', 'link'));
  await place.write('evil.mjs', 'export default (batch) => batch;');
  await fleet.configure({
    allow: {
      inputs: ['./data', './clean'],
      models: ['./models', './lax'],
      outputs: ['./results', './lax', 'eu-*=./results/eu'],
      transforms: ['./transforms'],
    },
  });
  scheduler = fleet.scheduler('--log-format', 'json', '--interval', '200ms');
  // A worker has settings of its own.
  fleet.worker('--log-format', 'json', '--allow-models', 'models', '--allow-outputs', 'results');
  await fleet.ready(1, 1);
});

type Change = Partial<JobDefinition>;
const good = {
  input: { uri: 'clean' },
  model: { uri: 'models/m.onnx' },
  output: { ...usualJob.output, uri: 'results/good' },
} satisfies Change;
const to = (uri: string): Change => ({ output: { ...usualJob.output, uri } });

const FORBIDDEN: readonly (readonly [string, Change])[] = [
  ['an input', { input: { uri: 'secret' } }],
  ['an input with dots', { input: { uri: 'clean/../secret' } }],
  ['an input by a link in a folder', { input: { uri: 'data' } }],
  ['an input by a link that a glob matches', { input: { uri: 'data/*.parquet' } }],
  ['an input by a glob from above', { input: { uri: '*/a.parquet' } }],
  ['one of several inputs', { input: { uri: ['clean', 'secret'] } }],
  ['an input in S3', { input: { uri: 's3://lake/secret' } }],
  ['a model', { model: { uri: 'secret/m.onnx' } }],
  ['a file of the system as model', { model: { uri: '/etc/shadow' } }],
  ['an output', to('elsewhere')],
  ['an output by a link', to('results/link/out')],
  ['an output in /proc', to('/proc/x')],
  ['an output of other jobs', { name: 'eu-churn', ...to('results/good') }],
  ['a transform', { transform: { columns: ['a', 'b', 'c'], module: 'evil.mjs' } }],
];

describe('a job fails while it is planned, with nothing opened or written, that names', () => {
  test.each(FORBIDDEN)('%s', async (name, change) => {
    await place.writeJob({ ...good, ...change });
    const ended = await place.shardmill('submit', 'job.json', '--wait', '--json');
    const refusal = failureOf(ended, 2);
    expect(refusal.code, name).toBe('LOCATION_FORBIDDEN');
    for (const folder of ['elsewhere', 'secret/out', 'results/good']) {
      expect(existsSync(place.path(folder))).toBe(false);
    }
  });

  test('and that is noted in its log of events and in the log of the scheduler', async () => {
    await place.writeJob({ ...good, ...to('elsewhere') });
    const run = await fleet.submit();
    await waitFor('the end', async () => (await fleet.status(run)).state === 'failed');
    const state = place.path('.shardmill', 'state', 'runs');
    const files = (await readdir(state, { recursive: true })).filter(
      (file) => file.includes(run) && file.endsWith('.json'),
    );
    const texts = await Promise.all(files.map((file) => readFile(`${state}/${file}`, 'utf8')));
    expect(texts.join('\n')).toContain('LOCATION_FORBIDDEN');
    expect(scheduler.stderr).toContain('LOCATION_FORBIDDEN');
  });

  test('weights above the folder of its model', async () => {
    await place.write('models/w.onnx', linearWithWeightsIn('../secret/weights'));
    await place.writeJob({ ...good, model: { uri: 'models/w.onnx' } });
    const ended = await place.shardmill('submit', 'job.json', '--wait', '--json');
    expect(failureOf(ended, 2).code).toBe('MODEL_INVALID');
  });
});

describe('what a scheduler lets pass', () => {
  test('a worker does not read where its own settings do not name it', async () => {
    await place.writeJob({ ...good, ...to('results/own'), model: { uri: 'lax/m.onnx' } });
    const run = await fleet.submit();
    await waitFor('the end', async () => (await fleet.status(run)).state === 'failed');
    expect((await fleet.status(run)).failures.map(({ code }) => code)).toEqual([
      'LOCATION_FORBIDDEN',
    ]);
    expect(await place.results('count(*) AS n', 'results/own').catch(() => 'none')).toBe('none');
  });

  test('a worker does not write where its own settings do not name it, and the run ends', async () => {
    await place.writeJob({ ...good, ...to('lax/out') });
    const ended = await place.shardmill('submit', 'job.json', '--wait', '--json');
    const refusal = failureOf(ended, 2);
    expect(refusal.code).toBe('LOCATION_FORBIDDEN');
    expect(refusal.message).toContain('the only worker of pool "cpu" refuses the shards');
    expect(refusal.message).toContain(place.path('results'));
    const kept = await fleet.redis.command('LRANGE', '{shardmill}/refused/cpu', '0', '-1');
    expect(kept).toContain('allow.outputs');
    const written = await readdir(place.path('lax/out'), { recursive: true });
    expect(written.filter((name) => /\.parquet$|tmp\/|failures|shards\//.test(name))).toEqual([]);
  });

  test('ends with an error where its workers read another log of runs', async () => {
    await place.writeJob({ ...good, ...to('results/lost'), resources: { pool: 'lost' } });
    fleet.worker('--pool', 'lost', '--state', 'another-state');
    await fleet.ready(1, 2);
    const ended = await place.shardmill('submit', 'job.json', '--wait', '--json');
    const refusal = failureOf(ended, 1);
    expect(refusal.code).toBe('MESSAGE_REFUSED');
    expect(refusal.message).toContain('the log of runs has no planned run');
    expect(refusal.remedy).toContain('state.uri');
  });

  test('is scored where all of them name it', async () => {
    await place.writeJob(good);
    const ended = await place.shardmill('submit', 'job.json', '--wait', '--json');
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    expect(await place.results('count(*) AS n', 'results/good')).toEqual([{ n: 100 }]);
    await place.writeJob({ ...good, name: 'eu-churn', ...to('results/eu/churn') });
    const own = await place.shardmill('submit', 'job.json', '--wait', '--json');
    expect(own.code, own.stdout + own.stderr).toBe(0);
  });
});

describe('a run on this machine', () => {
  test('is held against the same settings, where they are there', async () => {
    await place.writeJob({ ...good, ...to('elsewhere') });
    const ended = await place.shardmill('run', 'job.json', '--json');
    expect(failureOf(ended, 2).code).toBe('LOCATION_FORBIDDEN');
    expect(existsSync(place.path('elsewhere'))).toBe(false);
  });

  test('has to pin its model, where that is demanded', async () => {
    await place.writeJob(good);
    await fleet.configure({ models: { requireSha256: true } });
    const ended = await place.shardmill('run', 'job.json', '--json');
    expect(failureOf(ended, 2).code).toBe('MODEL_SHA256_MISSING');
  });
});
