import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  ALL_ROWS,
  describeDataset,
  describeProfile,
  FileStore,
  manifestKey,
  NumberSketch,
  planKey,
  profileKey,
  TextSketch,
} from '@shardmill/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CommandLineHarness } from '../../testing/command-line-harness.js';
import { sampleManifest, samplePlan } from '../../testing/samples.js';

let harness: CommandLineHarness;
const { runId } = samplePlan;

beforeEach(async () => {
  harness = await CommandLineHarness.open();
});
afterEach(() => harness.close());

async function store(objects: Readonly<Record<string, unknown>>): Promise<void> {
  const out = new FileStore(path.join(harness.root, 'out'));
  for (const [key, value] of Object.entries(objects)) {
    await out.create(key, Buffer.from(JSON.stringify(value)));
  }
}

const run = { [planKey(runId)]: samplePlan, [manifestKey(runId)]: sampleManifest };

it('the profile of a run is written with a row for each column, in place of a file that is there', async () => {
  const numbers = new NumberSketch();
  numbers.addAll(Float64Array.of(1, 2, 2, 7), 0, 1, 4);
  numbers.addNulls(1);
  const texts = new TextSketch();
  texts.add('yes', 3);
  const profile = describeProfile(
    samplePlan,
    {
      sampling: { every: 1, blockRows: 64 },
      features: [{ name: 'partner', feature: 0, column: 0 }],
      omitted: 0,
    },
    {
      sampledRows: 3,
      features: [{ name: 'partner', state: texts.toState() }],
      outputs: [{ name: 'churn', state: numbers.toState() }],
    },
  );
  await store({ ...run, [profileKey(runId)]: profile });
  for (const _time of [1, 2]) {
    const { exitCode, stdout } = await harness.shardmill('profile export out p.parquet');
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('2 columns')]);
  }
  expect(await readdir(harness.root)).toEqual(['jobs', 'out', 'p.parquet']);
  // The engine's part is tested in its own package: here are the rows that it gets.
  const lines = (await readFile(path.join(harness.root, 'p.parquet'), 'utf8')).split('\n');
  const rows = lines.map((line): unknown => JSON.parse(line));
  expect(rows).toEqual([
    expect.objectContaining({
      run_id: runId,
      job: samplePlan.job.name,
      model_sha256: samplePlan.scoring.model.sha256,
      side: 'feature',
      name: 'partner',
      element: 0,
      kind: 'text',
      count: 3,
      nulls: 0,
      distinct_count: 1,
      distinct_exact: true,
      min_length: 3,
      mean_length: 3,
      top: [{ value: 'yes', count: 3 }],
    }),
    expect.objectContaining({
      side: 'output',
      name: 'churn',
      count: 5,
      nulls: 1,
      min: 1,
      max: 7,
      mean: 3,
      top: [
        { value: '2', count: 2 },
        { value: '1', count: 1 },
        { value: '7', count: 1 },
      ],
      histogram: expect.arrayContaining([expect.objectContaining({ from: 1, count: 1 })]),
    }),
  ]);
});

it('a profile file is exported as it is, of a data set as of a run', async () => {
  const numbers = new NumberSketch();
  numbers.addAll(Float64Array.of(1, 2), 0, 1, 2);
  const place = { label: 'age', sql: '' };
  const age = { input: 'age', type: 'float64' as const, layout: 'scalars' as const };
  const planned = {
    features: [{ ...age, width: 1, rowShape: [1], columns: [place] }],
    profile: { sampling: ALL_ROWS, features: [{ name: 'age', feature: 0, column: 0 }], omitted: 0 },
  };
  const state = {
    sampledRows: 2,
    features: [{ name: 'age', state: numbers.toState() }],
    outputs: [],
  };
  const profile = describeDataset({ uri: '/train' }, planned, state);
  await writeFile(path.join(harness.root, 'base.json'), JSON.stringify(profile));
  const { exitCode, stdout } = await harness.shardmill('profile export base.json p.parquet --json');
  expect({ exitCode, ...JSON.parse(stdout) }).toMatchObject({
    exitCode: 0,
    runId: null,
    columns: 1,
  });
  const row: unknown = JSON.parse(await readFile(path.join(harness.root, 'p.parquet'), 'utf8'));
  expect(row).toMatchObject({ run_id: null, job: null, name: 'age', type: 'float64', mean: 1.5 });
});

it.each([
  ['profile export nothing.json p.parquet', 'RUN_NOT_FOUND', /no path "nothing.json"/],
  ['profile export out p.parquet', 'RUN_STATE', /has stored no profile/],
  ['profile export out s3://bucket/p.parquet', 'URI_UNSUPPORTED', /to this machine only/],
  ['profile export nothing p.parquet', 'RUN_NOT_FOUND', /no path "nothing"/],
])('%s is refused with %s', async (args, code, message) => {
  await store(run);
  const { exitCode, stdout } = await harness.shardmill(`${args} --json`);
  expect({ exitCode, ...JSON.parse(stdout).error }).toMatchObject({
    exitCode: 2,
    code,
    message: expect.stringMatching(message),
  });
  expect(await readdir(harness.root)).toEqual(['jobs', 'out']);
});
