import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { FileStore } from '@shardmill/core';
import { ModelRegistry } from '@shardmill/scheduler';
import { logisticRegression } from '@shardmill/test-kit';
import { beforeAll, describe, expect, test } from 'vitest';
import { runOf } from '../support/command.js';
import { documentOf, failureOf, useFleet } from '../support/fleet.js';
import { finishedMarks, runIds } from '../support/output-folder.js';
import { numbered, useWorkplace } from '../support/workplace.js';

const place = useWorkplace('file');
const fleet = useFleet(place, 'file');
beforeAll(() => fleet.start(2));

/** Submits the job and waits for its end; each test has an output of its own. */
const submitAndWait = (output: string, ...args: string[]) =>
  place.shardmill('submit', 'job.json', '--wait', '--json', '--output', output, ...args);

describe('submit --wait', () => {
  test('gives row for row what run gives, and its document', async () => {
    await place.prepare({
      rows: 20_000,
      job: {
        plan: { partRows: 2048, shardParts: 2 },
        input: { uri: 'data', where: 'id % 7 <> 3' },
        drift: { baseline: 'train.parquet' },
      },
    });
    // A scheduler profiles the training set, and keeps the profile where its state is.
    await place.writeParquet('train.parquet', numbered(2000, 3));
    const submitted = runOf(await submitAndWait('fleet'));
    expect(await readdir(place.path('.shardmill/state/baselines'))).toHaveLength(1);
    const local = runOf(await place.shardmill('run', 'job.json', '--output', 'local', '--json'));
    expect(submitted.rows).toEqual(local.rows);
    expect(submitted.drift?.columns).toHaveLength(4);
    expect(submitted.drift?.columns).toEqual(local.drift?.columns);
    expect(submitted.parts).toBe(local.parts);
    expect(await finishedMarks(place.path('fleet'))).toHaveLength(2);
    const [differences] = await place.sql(`
      SELECT count(*) AS n FROM (
        (SELECT * FROM read_parquet('${place.path('fleet')}/*.parquet')
         EXCEPT ALL SELECT * FROM read_parquet('${place.path('local')}/*.parquet'))
        UNION ALL
        (SELECT * FROM read_parquet('${place.path('local')}/*.parquet')
         EXCEPT ALL SELECT * FROM read_parquet('${place.path('fleet')}/*.parquet')))`);
    expect(differences).toEqual({ n: 0 });
  });

  test('prints the summary that run prints, and progress on standard error', async () => {
    await place.prepare({ rows: 5000 });
    const { code, stdout, stderr } = await place.shardmill(
      'submit',
      'job.json',
      '--wait',
      '--output',
      'shown',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/✓ test scored 5,000 rows in .+/);
    expect(stdout).toContain('5,000 read = 5,000 scored + 0 rejected + 0 filtered');
    expect(stderr).toMatch(/^test: (submitted|planning|running)/m);
  });

  test('ends with 3 where more rows are rejected than the job allows; resume raises it', async () => {
    await place.prepare({
      rows: 1000,
      job: { features: { features: ['a', 'b', 'nullif(c, 5)'] } },
    });
    const refusal = failureOf(await submitAndWait('strict'), 3);
    expect(refusal.code).toBe('REJECTED_OVER_BUDGET');
    const [, run = ''] = /shardmill resume (\S+) --max-rejected-rows/.exec(refusal.remedy) ?? [];
    expect(run).not.toBe('');
    const resumed = await place.shardmill(
      'resume',
      run,
      '--max-rejected-rows',
      '100',
      '--wait',
      '--json',
    );
    expect(runOf(resumed).rows).toMatchObject({ read: 1000, rejected: 77 });
  });

  test('ends with the error that planning met', async () => {
    await place.prepare({ job: { output: { uri: 'wrong', columns: { x: 'nothing' } } } });
    const refusal = failureOf(await submitAndWait('wrong'), 2);
    expect(refusal).toMatchObject({ code: 'COLUMN_NOT_FOUND' });
  });
});

describe('a run key', () => {
  test('is one run, however often it is submitted, also after its end', async () => {
    await place.prepare({ rows: 1000 });
    const submit = ['submit', 'job.json', '--run-key', 'daily', '--output', 'keyed', '--json'];
    const first = documentOf(await place.shardmill(...submit));
    expect(first).toMatchObject({ attached: false });
    const waited = runOf(await place.shardmill(...submit, '--wait'));
    expect(first).toMatchObject({ run: waited.runId });
    // Now it has finished: its summary is the answer, with or without --wait.
    expect(runOf(await place.shardmill(...submit))).toEqual(waited);
    expect(runOf(await place.shardmill(...submit, '--wait'))).toEqual(waited);
    expect(await runIds(place.path('keyed'))).toEqual([waited.runId]);
  });

  test('of another job is refused', async () => {
    await place.prepare();
    await fleet.submit('--run-key', 'k', '--output', 'first');
    const ended = await place.shardmill(
      'submit',
      'job.json',
      '--run-key',
      'k',
      '--output',
      'elsewhere',
      '--json',
    );
    expect(failureOf(ended, 2)).toMatchObject({
      code: 'RUN_KEY_CONFLICT',
      message: expect.stringContaining('job.output.uri'),
    });
  });
});

describe('a job that names a registered model', () => {
  test('is scored with what the alias points to, and its manifest says which version that is', async () => {
    await place.prepare({ rows: 1000 });
    const content = logisticRegression({ features: 3, seed: 5 });
    const sha256 = createHash('sha256').update(content).digest('hex');
    const copy = `models/score/files/${sha256}/model.onnx`;
    await place.write(`.shardmill/state/${copy}`, content);
    const registry = new ModelRegistry(new FileStore(place.path('.shardmill/state')));
    const author = { by: 'ann@one', now: new Date() };
    const { model: added } = await registry.add(
      'score',
      {
        file: { uri: copy, sha256, bytes: content.length },
        externalData: [],
        copied: true,
        source: '/elsewhere/model.onnx',
        opsets: {},
        irVersion: 8,
        producer: '',
        inputs: [],
        outputs: [],
        classes: {},
      },
      author,
    );
    const promotion = { kind: 'set', alias: 'production', version: 1, how: 'promote' } as const;
    await registry.changeAlias(added, promotion, author);
    await place.writeJob({ model: { uri: 'models:/score@production' } });
    const { model, rows } = runOf(await submitAndWait('released'));
    expect(rows.scored).toBe(1000);
    expect(model).toEqual({
      name: 'score',
      version: 1,
      alias: 'production',
      uri: place.path('.shardmill/state', copy),
      sha256,
    });
  });

  test('is not submitted where there is no such alias', async () => {
    await place.writeJob({ model: { uri: 'models:/score@prodution' } });
    const before = await runIds(place.path('.shardmill/state/runs'));
    const refusal = failureOf(await submitAndWait('nowhere'), 2);
    expect(refusal).toMatchObject({
      code: 'MODEL_NOT_REGISTERED',
      message: 'score has no alias "prodution". Did you mean "production"?',
      where: 'model.uri',
    });
    expect(await runIds(place.path('.shardmill/state/runs'))).toEqual(before);
  });
});
