import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { EngineProcess } from '@shardmill/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { inRepository } from '../support/repository.js';
import { scoreFile } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

/**
 * Models as the exporters of the field write them, with what the trained models say of the rows:
 * `test/init-models/make.py` made them. What `init` makes of each gives the scores of Python as it
 * is, or is refused with the reason.
 */
const MODELS = fileURLToPath(new URL('../init-models', import.meta.url));
const place = useWorkplace();
let engine: EngineProcess;
beforeAll(async () => {
  engine = EngineProcess.start();
});
afterAll(() => engine.close());

const written = z.object({
  file: z.string(),
  undecided: z.array(z.string()),
  keys: z.array(z.string()),
});

async function init(
  model: string,
  format: '--yaml' | '--json' = '--yaml',
): Promise<z.output<typeof written>> {
  const folder = path.join(MODELS, model);
  const file = path.join(folder, 'data.parquet');
  const from = existsSync(file) ? file : path.join(folder, 'data');
  const files = ['--from', from, '--model', path.join(folder, 'model.onnx')];
  const { stdout } = await place.shardmill('init', 'job', format, '--json', ...files);
  return written.parse(JSON.parse(stdout));
}

/** Runs the job, and compares its scores with those of Python, row by row. */
async function expectPythonsScores(model: string, key: string, score: string): Promise<void> {
  await scoreFile(place.path('job', 'job.yaml'), { engine });
  const rows = await place.sql(
    `SELECT count(*) AS n, max(abs(result.score - python.expected)) AS off
     FROM (SELECT ${key} AS key, ${score} AS score FROM read_parquet('${place.path('job/out')}/*.parquet')) AS result
     JOIN '${path.join(MODELS, model)}/expected.parquet' AS python USING (key)`,
  );
  expect(rows).toEqual([{ n: 80, off: expect.any(Number) }]);
  expect(Number(rows[0]?.['off'])).toBeLessThan(1e-5);
}

/** The job with one line in place of another. */
async function edit(file: string, change: (text: string) => string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const changed = change(text);
  expect(changed).not.toBe(text);
  await writeFile(file, changed);
}

describe('a job that init wrote scores as Python does', () => {
  it.each([
    ['LightGBM with ZipMap, packed, behind a key', 'lightgbm', 'customer_id', 'score'],
    [
      'LightGBM beside its text form, columns in another order',
      'lightgbm-names',
      'account',
      'variable',
    ],
    ['XGBoost, trained with missing values', 'xgboost-nulls', 'uuid', 'score'],
    [
      'XGBoost beside its JSON form, names with other marks',
      'xgboost-names',
      'row_key',
      'variable',
    ],
    [
      'a pipeline with an input per column, texts and ZipMap',
      'sklearn-pipeline',
      '"Account ID"',
      'score',
    ],
    ['a pipeline of 23 packed columns, behind a key', 'sklearn-packed', 'customer', 'score'],
    ['CatBoost over folders of partitions', 'catboost', 'user_id', 'score'],
    [
      'CatBoost of three classes, with feature_names.json',
      'catboost-classes',
      'id',
      'probabilities[2]',
    ],
    ['a network with names in its metadata, of doubles', 'mlp-metadata', 'key', 'score'],
  ])('%s', async (_, model, key, score) => {
    const { undecided, keys } = await init(model);
    expect(undecided).toEqual([]);
    expect(keys).toEqual([key.replaceAll('"', '')]);
    await expectPythonsScores(model, key, score);
  });

  it('a network without a key among its columns, of which one is a reserved word', async () => {
    const { file, keys } = await init('mlp-without-key');
    expect(keys).toEqual([]);
    expect(await readFile(file, 'utf8')).toContain('# No column looks like a key.');
    // No column identifies the rows for sure: this one is handed on for the test.
    await edit(file, (text) => text.replace('# row_key: COLUMN', 'speed: speed'));
    await expectPythonsScores('mlp-without-key', 'speed', 'variable');
  });
});

describe('a job that init cannot finish is refused until a person has', () => {
  it('where there are more columns than the model takes', async () => {
    const { file, undecided } = await init('sklearn-packed-24');
    expect(undecided).toEqual(['24 numeric columns for 23 inputs']);
    await expect(scoreFile(file, { engine })).rejects.toMatchObject({
      code: 'JOB_UNDECIDED',
      message: 'features.X: 24 numeric columns for 23 inputs',
      where: file,
      remedy: expect.stringContaining('DECIDE:'),
    });
    await edit(file, (text) => text.replace(/ +- "DECIDE:.*\n/, '').replace(/ +- loyalty\n/, ''));
    await expectPythonsScores('sklearn-packed-24', 'customer', 'score');
  });

  it('where the model takes codes of a text, with a recipe that is right', async () => {
    const { file, undecided } = await init('forest-codes');
    expect(undecided).toEqual(['contract is text, and the model takes float32']);
    await expect(scoreFile(file, { engine })).rejects.toMatchObject({ code: 'JOB_UNDECIDED' });
    await edit(file, (text) => {
      const recipe = /^ +# {3}(list_position.*)$/m.exec(text)?.[1] ?? '';
      return text.replace(/"DECIDE:.*"/, () => JSON.stringify(recipe));
    });
    await expectPythonsScores('forest-codes', 'id', 'variable');
  });
});

describe('what init writes', () => {
  it('is formatted as Biome does, and says what was found', async () => {
    for (const model of ['sklearn-packed-24', 'sklearn-pipeline', 'xgboost-nulls']) {
      const { file } = await init(model, '--json');
      const biome = inRepository('node_modules/.bin/biome');
      const text = await readFile(file, 'utf8');
      const args = ['format', '--stdin-file-path=job.ts', `--config-path=${inRepository()}`];
      expect(execFileSync(biome, args, { input: text, encoding: 'utf8' })).toBe(text);
      await place.close();
      await place.open();
    }
  });

  it('names folders, ZipMap and gaps', async () => {
    const partitioned = await readFile((await init('catboost')).file, 'utf8');
    expect(partitioned).toMatch(/ds: ds\n.*\n +country: country/);
    expect(partitioned).toContain('the tensor before ZipMap; its classes in order: 0, 1');
    await place.close();
    await place.open();
    const gaps = await readFile((await init('xgboost-nulls')).file, 'utf8');
    expect(gaps).toMatch(/CHECK, rows without a value: f0 \(\d+\)/);
    expect(gaps).toMatch(/^nulls: nan$/m);
  });
});
