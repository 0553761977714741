import { readFile, rm } from 'node:fs/promises';
import { addModel, promoteModel, setAlias } from '@shardmill/client/models';
import { loadSettings } from '@shardmill/client/load-settings';
import { FileStore, Stores } from '@shardmill/core';
import { ModelRegistry } from '@shardmill/scheduler';
import { EngineProcess } from '@shardmill/worker';
import {
  linearWithWeightsIn,
  logisticRegression,
  unknownOperator,
  weightsFile,
} from '@shardmill/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Scored, score } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
const stores = new Stores();
let engine: EngineProcess;
beforeAll(() => {
  engine = EngineProcess.start();
});
afterAll(async () => {
  await engine.close();
  await stores.close();
});

/** What the commands use, with one engine for all. */
async function services() {
  const config = { state: { uri: place.path('state') }, cache: { folder: place.path('cache') } };
  const settings = await loadSettings({ flags: {}, config, cwd: place.path(), env: {} });
  const unused = (): never => {
    throw new Error('no Parquet is inspected');
  };
  const withEngine: Parameters<typeof addModel>[1]['withEngine'] = (use) =>
    use({ inspectModel: (location) => engine.inspectModel(location), inspectParquet: unused });
  return { settings, stores, withEngine };
}

const add = async (file: string, change: { reference?: boolean } = {}) =>
  addModel({ location: place.path(file), name: 'churn', ...change }, await services());
const promote = async (reference: string, allowBreaking = false) =>
  promoteModel(reference, { allowBreaking }, await services());
const registry = (): ModelRegistry => new ModelRegistry(new FileStore(place.path('state')));

/** Scores the usual job with a model of the registry. */
const scoreWith = (uri: string, onNotice: (message: string) => void = () => {}): Promise<Scored> =>
  score(place, { model: { uri } }, { engine, models: registry(), onNotice });

beforeEach(async () => {
  await place.prepare({ rows: 100 });
  await place.write('second.onnx', logisticRegression({ features: 3, seed: 7 }));
  await place.write('wide.onnx', logisticRegression({ features: 4 }));
});

describe('a run of a registered model', () => {
  it('is that of the model itself, and its manifest says which version it was', async () => {
    const { version } = await add('model.onnx');
    await promote('churn@1');
    const { manifest, plan } = await scoreWith('models:/churn@production');
    const release = { name: 'churn', version: 1, alias: 'production' };
    const { uri, sha256 } = version.file;
    expect(plan.release).toEqual(release);
    expect(plan.scoring.model).toMatchObject({ uri, sha256 });
    expect(manifest.model).toEqual({ uri, sha256, ...release });
    expect(await place.results('count(*) AS n')).toEqual([{ n: 100 }]);
    await rm(place.path('out'), { recursive: true });
    const byNumber = await scoreWith('models:/churn@1');
    expect(byNumber.manifest.model).not.toHaveProperty('alias');
    expect(byNumber.plan.digest).toBe(plan.digest);
  });

  it('goes on with the version that it was planned with, wherever the alias points by then', async () => {
    await add('model.onnx');
    await add('second.onnx');
    await promote('churn@1');
    const first = await scoreWith('models:/churn@production');
    await rm(first.manifestPath);
    await rm(place.path('out/_SUCCESS'));
    await promote('churn@2');
    const notices: string[] = [];
    const again = await scoreWith('models:/churn@production', (text) => notices.push(text));
    expect(again).toMatchObject({ resumed: true, runId: first.runId });
    expect(again.manifest.model).toMatchObject({ version: 1, alias: 'production' });
    expect(notices).toEqual([expect.stringContaining('production is version 2 by now')]);
  });
});

describe('a job that cannot be scored with its model is refused by name', () => {
  it('where there is no such model, alias or version, or the job pins another digest', async () => {
    await add('model.onnx');
    await promote('churn@1');
    const refused = (uri: string) => expect(scoreWith(uri)).rejects;
    const missing = { code: 'MODEL_NOT_REGISTERED', where: 'model.uri' };
    await refused('models:/chrun@1').toMatchObject({ code: 'MODEL_NOT_REGISTERED' });
    await refused('models:/churn@prod').toMatchObject(missing);
    await refused('models:/churn@9').toMatchObject(missing);
    await refused('models:/churn').toMatchObject({ code: 'JOB_INVALID' });
    const pinned = { uri: 'models:/churn@1', sha256: 'f'.repeat(64) };
    await expect(
      score(place, { model: pinned }, { engine, models: registry() }),
    ).rejects.toMatchObject({ code: 'MODEL_SHA256_MISMATCH', where: 'model.sha256' });
  });

  it('where a file that is referred to has changed or is gone', async () => {
    await add('model.onnx', { reference: true });
    const original = await readFile(place.path('model.onnx'));
    await place.write('model.onnx', logisticRegression({ features: 3, seed: 99 }));
    const changed = { code: 'MODEL_VERSION_CHANGED', where: place.path('model.onnx') };
    await expect(scoreWith('models:/churn@1')).rejects.toMatchObject(changed);
    await rm(place.path('model.onnx'));
    await expect(scoreWith('models:/churn@1')).rejects.toMatchObject(changed);
    await place.write('model.onnx', original);
    expect((await scoreWith('models:/churn@1')).manifest.rows.scored).toBe(100);
  });

  it('where weights beside it have changed', async () => {
    await place.write('far.onnx', linearWithWeightsIn('w.bin'));
    await place.write('w.bin', weightsFile(1, 2, 3));
    await add('far.onnx', { reference: true });
    await place.write('w.bin', weightsFile(3, 2, 1));
    await expect(scoreWith('models:/churn@1')).rejects.toMatchObject({
      code: 'MODEL_VERSION_CHANGED',
      where: place.path('w.bin'),
    });
  });
});

describe('model add', () => {
  it('copies weights with the model, and finds it again', async () => {
    await place.write('far.onnx', linearWithWeightsIn('weights/w.bin'));
    await place.write('weights/w.bin', weightsFile(1, 2, 3));
    const { version } = await add('far.onnx');
    await rm(place.path('weights'), { recursive: true });
    expect(version.externalData).toEqual([
      expect.objectContaining({ uri: expect.stringMatching(/churn\/files\/.*\/weights\/w\.bin$/) }),
    ]);
    expect((await scoreWith('models:/churn@1')).manifest.rows.scored).toBe(100);
    await place.write('weights/w.bin', weightsFile(1, 2, 3));
    expect(await add('far.onnx')).toMatchObject({ added: false, version: { version: 1 } });
  });

  it('refuses what a run could not score with, and notes nothing', async () => {
    await place.write('broken.onnx', 'no model');
    await place.write('odd.onnx', unknownOperator());
    await expect(add('broken.onnx')).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    await expect(add('none.onnx')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    await expect(add('odd.onnx')).rejects.toMatchObject({ code: 'MODEL_OPERATOR_UNSUPPORTED' });
    expect(await registry().names()).toEqual([]);
  });
});

it('promote refuses other inputs than those before unless they are allowed; alias does not', async () => {
  for (const file of ['model.onnx', 'wide.onnx']) await add(file);
  await promote('churn@1');
  await expect(promote('churn@2')).rejects.toMatchObject({
    code: 'MODEL_SIGNATURE_BREAKS',
    message: expect.stringContaining('input "features" has shape [?, 4] instead of [?, 3]'),
  });
  expect(await setAlias('churn@2', 'candidate', {}, await services())).toMatchObject({
    version: 2,
    previous: null,
  });
  expect(await promote('churn@candidate', true)).toMatchObject({ version: 2, previous: 1 });
});
