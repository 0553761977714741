import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  modelChangeDocumentSchema,
  modelDiffDocumentSchema,
  modelDocumentSchema,
  modelHistoryDocumentSchema,
  modelsDocumentSchema,
  modelVersionDocumentSchema,
} from '@shardmill/client/document-schemas';
import { EXIT_CODES, ShardmillError } from '@shardmill/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXIT_CODE_HELP } from './exit-code-help.js';
import { CommandLineHarness, unwrapped } from './testing/command-line-harness.js';
import { samplePlan } from './testing/samples.js';

let harness: CommandLineHarness;
beforeEach(async () => {
  harness = await CommandLineHarness.open();
});
afterEach(() => harness.close());

describe('usage', () => {
  it.each([
    ['rnu churn', 'unknown command "rnu". Did you mean "run" or "runs"?'],
    ['submit churn --prioriti 3', 'unknown option "--prioriti". Did you mean "--priority"?'],
    ['submit churn --priority 101', 'Expected a whole number from 0 to 100; found "101".'],
    ['status', "missing required argument 'run'"],
    ['run churn --quite', 'unknown option "--quite". Did you mean "--quiet" or "--state"?'],
    ['run churn --batchrows=3', 'unknown option "--batchrows". Did you mean "--batch-rows"?'],
    ['plan --no-colour churn', 'unknown option "--no-colour". Did you mean "--no-color"?'],
    ['run', "missing required argument 'job'"],
    ['plan a b', "too many arguments for 'plan'"],
    [
      'run churn --mode replace',
      'Allowed choices are create, overwrite, append, replace-partitions.',
    ],
    ['run churn --param ds', 'Expected NAME=VALUE'],
    ['init new --from a.parquet', '--from was given without its other half'],
  ])('%s ends with 2 and says: %s', async (args, message) => {
    const { exitCode, stdout, stderr } = await harness.shardmill(args);
    expect(exitCode).toBe(EXIT_CODES.usage);
    expect(stdout).toBe('');
    expect(unwrapped(stderr)).toContain(message);
    expect(stderr).toContain('error USAGE');
  });

  it('is JSON with --json', async () => {
    const { exitCode, stdout, stderr } = await harness.shardmill('plan --json');
    expect(exitCode).toBe(2);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      error: {
        code: 'USAGE',
        message: "missing required argument 'job'",
        where: 'shardmill plan',
        remedy:
          'A job is a name in the jobs folder, or the path of a definition; `shardmill init DIR` writes one. Run `shardmill plan --help`.',
        exitCode: 2,
      },
    });
  });

  it('help lists every exit code', async () => {
    const { exitCode, stdout } = await harness.shardmill('--help');
    expect(exitCode).toBe(0);
    const listed = [...EXIT_CODE_HELP.matchAll(/^ {2}(\d+) /gm)].map((match) => Number(match[1]));
    expect(listed).toEqual(Object.values(EXIT_CODES));
    expect(stdout).toContain('Exit codes:');
  });

  it('prints its version', async () => {
    expect((await harness.shardmill('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('run', () => {
  it('prints the summary on standard output and progress on standard error', async () => {
    const { exitCode, stdout, stderr } = await harness.shardmill('run churn');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('✓ churn scored 7,032 rows in 500 ms');
    expect(stdout).toContain('look at it: shardmill inspect out');
    expect(stderr).toContain('churn: 7,043 rows in 1 file, 1 part');
    expect(stderr).toContain('shard 0 was tried again');
  });

  it('--json prints one document and nothing else on standard output', async () => {
    const { stdout } = await harness.shardmill('run churn --json');
    expect(JSON.parse(stdout)).toMatchObject({
      runId: samplePlan.runId,
      rows: { read: 7043, scored: 7032, rejected: 11, filtered: 0 },
      parts: 1,
      elapsedMs: 500,
    });
  });

  it('--quiet prints nothing', async () => {
    expect(await harness.shardmill('run churn --quiet')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('hands on overrides, with parameters filled in', async () => {
    await harness.shardmill(
      'run churn -p country=OM --mode append --output elsewhere --lanes 2 --max-rejected-rows 1%',
    );
    expect(harness.calls[0]?.job.input.uri).toBe('in/OM');
    expect(harness.calls[0]?.job.output).toMatchObject({
      mode: 'append',
      uri: path.join(harness.root, 'elsewhere'),
    });
    expect(harness.calls[0]).toMatchObject({ lanes: 2, maxRejectedRows: '1%' });
    expect(harness.calls[0]?.params).toMatchObject({ country: 'OM' });
  });

  it('leaves with the exit code of the error', async () => {
    const over = new ShardmillError('REJECTED_OVER_BUDGET', '11 rows were rejected, 0 are allowed');
    const { exitCode, stderr } = await harness.shardmill('run churn', over);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('error REJECTED_OVER_BUDGET  11 rows were rejected, 0 are allowed');
    const stopped = new ShardmillError('INTERRUPTED', 'stopped after 10 of 100 rows');
    expect((await harness.shardmill('run churn', stopped)).exitCode).toBe(130);
    expect(JSON.parse((await harness.shardmill('run churn --json', stopped)).stdout)).toMatchObject(
      {
        error: { code: 'INTERRUPTED', exitCode: 130 },
      },
    );
  });

  it('refuses an unknown parameter before anything is started', async () => {
    const { exitCode, stderr } = await harness.shardmill('run churn -p contry=OM');
    expect(exitCode).toBe(2);
    expect(unwrapped(stderr)).toContain('Did you mean "country"?');
    expect(harness.calls).toEqual([]);
  });
});

describe('plan and validate', () => {
  it('plan shows what would be read, scored and written', async () => {
    const { stdout } = await harness.shardmill('plan churn');
    expect(stdout).toContain('1 file, 8,043 rows in 4 row groups');
    expect(stdout).toContain('1 row group with 1,000 rows: ruled out unread');
    expect(stdout).toContain('120 kB of 206 kB, 3 of 3 columns');
    expect(stdout).toMatch(/total_charges\s+float32\s+\[N, 1\]\s+coalesce\(total_charges, 0\)/);
    expect(stdout).toMatch(/churn\s+FLOAT\s+probabilities\[2\]/);
    expect(stdout).toContain('params  ds=2026-11-22');
  });

  it('plan --json prints the plan, and what a run would find at its output', async () => {
    expect(JSON.parse((await harness.shardmill('plan churn --json')).stdout)).toEqual({
      ...samplePlan,
      scorer: { scoredBy: ['treeKernel'] },
      outputLocation: { state: 'free' },
      estimate: null,
    });
  });

  it('validate ticks off what was checked', async () => {
    const { exitCode, stdout } = await harness.shardmill('validate churn');
    expect(exitCode).toBe(0);
    expect(stdout.match(/✓ \w+/g)).toEqual([
      '✓ definition',
      '✓ parameters',
      '✓ input',
      '✓ where',
      '✓ model',
      '✓ features',
      '✓ output',
    ]);
  });

  it('validate shows what was right ahead of the fault', async () => {
    const fault = new ShardmillError('COLUMN_NOT_FOUND', 'the input has no column "tenur"');
    const { exitCode, stdout, stderr } = await harness.shardmill('validate churn', fault);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/✓ parameters .*\nerror COLUMN_NOT_FOUND/);
  });
});

describe('the model registry', () => {
  beforeEach(() => writeFile(path.join(harness.root, 'model.onnx'), 'inspected by a stand-in'));

  const model = (args: string) => harness.shardmill(`model ${args}`);
  const add = (rest = '') => model(`add model.onnx --name churn --reference ${rest}`);

  async function documentOf(args: string): Promise<unknown> {
    const { exitCode, stdout, stderr } = await model(`${args} --json`);
    if (exitCode !== 0) throw new Error(stdout + stderr);
    return JSON.parse(stdout);
  }

  it('a model is added, promoted, looked at and removed from production, each with its document', async () => {
    const added = await add('--as-version 7 --note new');
    expect(added.stdout).toContain('✓ churn@7 was added');
    expect((await add()).stdout).toMatch(/✓ churn@7 is this model already, added by .+@.+/);
    const promoted = await model('promote churn@7');
    expect(promoted.stdout).toContain('✓ churn@production is version 7 now (it is new)');
    expect((await model('promote churn@7')).stdout).toContain('was version 7 already');

    const version = await documentOf('show models:/churn@production');
    expect(modelVersionDocumentSchema.strict().parse(version)).toMatchObject({
      name: 'churn',
      version: 7,
      aliases: ['production'],
      uri: path.join(harness.root, 'model.onnx'),
      note: 'new',
    });
    const shown = modelDocumentSchema.strict().parse(await documentOf('show churn'));
    expect(shown.aliases).toMatchObject([{ alias: 'production', version: 7, earlier: [] }]);
    const { models } = modelsDocumentSchema.strict().parse(await documentOf('list'));
    expect(models).toMatchObject([{ name: 'churn', versions: [7] }]);
    const { events } = modelHistoryDocumentSchema.strict().parse(await documentOf('history churn'));
    expect(events.map(({ kind }) => kind)).toEqual(['alias-set', 'added']);
    const difference = await documentOf('diff churn@7 churn@production');
    expect(modelDiffDocumentSchema.strict().parse(difference)).toMatchObject({
      same: true,
      breaks: false,
      changes: [],
    });
    const removed = modelChangeDocumentSchema.strict();
    expect(removed.parse(await documentOf('unalias churn@production'))).toMatchObject({
      version: null,
      previous: 7,
      changed: true,
    });
  });

  describe('what is refused says what to write', () => {
    it.each([
      ['add model.onnx --name ../x', 'MODEL_NAME_INVALID', '"../x" cannot name a model'],
      ['add model.onnx', 'USAGE', "required option '--name <name>' not specified"],
      ['add model.onnx --name x --as-version 0', 'USAGE', 'from 1 to 999999999'],
      ['show churn', 'MODEL_NOT_REGISTERED', 'no model "churn" is registered. None is yet.'],
      ['promote churn', 'MODEL_NAME_INVALID', 'names a model, and none of its versions'],
      ['promote churn@1 --to 7', 'MODEL_NAME_INVALID', 'A number is a version'],
      ['rollback churn@7', 'MODEL_NAME_INVALID', '"churn@7" names a version, and no alias'],
      ['unalias churn', 'MODEL_NAME_INVALID', 'Write churn@ALIAS.'],
      ['diff churn@1 churn', 'MODEL_NAME_INVALID', 'names a model, and none of its versions'],
      ['promot churn@1', 'USAGE', 'Did you mean "promote"?'],
    ])('%s', async (args, code, words) => {
      const { exitCode, stderr } = await model(args);
      expect(exitCode).toBe(2);
      expect(stderr).toContain(code);
      expect(unwrapped(stderr)).toContain(words);
    });

    it('a rollback of what has not moved, and a promotion of what was expected otherwise', async () => {
      await add();
      await model('promote churn@1');
      expect((await model('rollback churn')).stderr).toContain('MODEL_NO_EARLIER_VERSION');
      expect((await model('rollback churn@candidat')).stderr).toContain('MODEL_NOT_REGISTERED');
      const late = await model('promote churn@1 --expect 6');
      expect(late.exitCode).toBe(1);
      expect(unwrapped(late.stderr)).toMatch(
        /MODEL_ALIAS_CONFLICT {2}it is version 1, set by .* expected version 6/,
      );
    });
  });
});
