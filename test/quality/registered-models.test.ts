import { readdir, rm } from 'node:fs/promises';
import { addModel, promoteModel, setAlias } from '@shardmill/client/models';
import { fillIn, loadJob } from '@shardmill/client/jobs';
import { testModel } from '@shardmill/client/test-model';
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
import { AMPLE_LIMITS } from '../support/ample-limits.js';
import { lend, type Scored, score } from '../support/score.js';
import { usualJob, useWorkplace } from '../support/workplace.js';

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
    throw new Error('nothing but models is inspected');
  };
  const withEngine: Parameters<typeof addModel>[1]['withEngine'] = (use) =>
    use({
      inspectModel: (location) => engine.inspectModel(location),
      inspectParquet: unused,
      sampleRejected: unused,
      writeProfileParquet: unused,
      readCheckpoint: unused,
    });
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
  it('is that of the copy, weights included, and its manifest says which version it was', async () => {
    await place.write('far.onnx', linearWithWeightsIn('weights/w.bin'));
    await place.write('weights/w.bin', weightsFile(1, 2, 3));
    const { version } = await add('far.onnx');
    expect(await add('far.onnx')).toMatchObject({ added: false, version: { version: 1 } });
    await rm(place.path('weights'), { recursive: true });
    await promote('churn@1');
    const { manifest, plan } = await scoreWith('models:/churn@production');
    const release = { name: 'churn', version: 1, alias: 'production' };
    const { uri, sha256 } = version.file;
    expect(uri).toContain(place.path('state/models/churn/files'));
    expect(plan.release).toEqual(release);
    expect(plan.scoring.model).toMatchObject({ uri, sha256, externalData: version.externalData });
    expect(manifest.model).toEqual({ uri, sha256, ...release });
    expect(await place.results('count(*) AS n')).toEqual([{ n: 100 }]);
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

it('a job is refused where a file that is referred to has changed', async () => {
  await add('model.onnx', { reference: true });
  await place.write('model.onnx', logisticRegression({ features: 3, seed: 99 }));
  await expect(scoreWith('models:/churn@1')).rejects.toMatchObject({
    code: 'MODEL_VERSION_CHANGED',
    where: place.path('model.onnx'),
  });
  await expect(scoreWith('models:/churn')).rejects.toMatchObject({ code: 'JOB_INVALID' });
});

describe('model add', () => {
  it('refuses what a run could not score with, and notes nothing', async () => {
    await place.write('broken.onnx', 'no model');
    await place.write('odd.onnx', unknownOperator());
    await expect(add('broken.onnx')).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    await expect(add('none.onnx')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    await expect(add('odd.onnx')).rejects.toMatchObject({ code: 'MODEL_OPERATOR_UNSUPPORTED' });
    expect(await registry().names()).toEqual([]);
  });
});

it('a challenger may be one of the registry: its version is pinned, and the manifest names it', async () => {
  await add('second.onnx');
  const next = { name: 'next', model: { uri: 'models:/churn@1' } };
  const { manifest, plan } = await score(
    place,
    { challengers: [next] },
    { engine, models: registry() },
  );
  const release = { name: 'churn', version: 1 };
  expect(plan.challengerReleases).toEqual({ next: release });
  const [pinned] = plan.scoring.challengers ?? [];
  expect(pinned?.model.uri).toContain(place.path('state/models/churn/files'));
  expect(manifest.challengers?.[0]).toMatchObject({ model: release, sha256: pinned?.model.sha256 });
  expect(manifest.model.name).toBeUndefined();
  const missing = { ...next, model: { uri: 'models:/churn@2' } };
  await expect(
    score(place, { challengers: [missing] }, { engine, models: registry() }),
  ).rejects.toMatchObject({
    code: 'MODEL_NOT_REGISTERED',
    where: expect.stringContaining('challengers.next.model.uri'),
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

describe('model test', () => {
  const test = async (model: string, onPlanned: () => void = () => {}) =>
    testModel(
      {
        prepared: fillIn(
          await loadJob({ ...usualJob, model: { uri: 'models:/churn@1' } }, place.path()),
          { sample: 40 },
          place.path(),
          new Date(),
        ),
        model,
        tolerance: 1e-5,
        signal: new AbortController().signal,
      },
      { planned: onPlanned, progress() {}, notice() {} },
      {
        stores,
        cacheFolder: place.path('cache'),
        startEngine: () => lend(engine),
        limits: AMPLE_LIMITS,
        models: registry(),
      },
    );

  it('compares what two models give on a sample, and leaves nothing behind', async () => {
    for (const file of ['model.onnx', 'second.onnx']) await add(file);
    const { current, other, comparison } = await test('models:/churn@2');
    expect([current.model.version, other.model.version]).toEqual([1, 2]);
    expect(comparison.rows).toMatchObject({ compared: 40, onlyInScores: 0, onlyExpected: 0 });
    const { differing, largestDifference, agreement } =
      comparison.columns.find(({ name }) => name === 'score') ?? {};
    expect(differing).toBeGreaterThan(30);
    expect(agreement?.meanDifference).toBeGreaterThan(0);
    expect(largestDifference ?? 0).toBeGreaterThan(agreement?.meanDifference ?? Infinity);
    expect(await readdir(place.path('cache/work'))).toEqual([]);
    expect(await readdir(place.path()).then((names) => names.includes('out'))).toBe(false);
  });

  it('refuses a model that does not fit before anything is scored', async () => {
    for (const file of ['model.onnx', 'wide.onnx']) await add(file);
    let planned = 0;
    const refused = test('models:/churn@2', () => planned++);
    await expect(refused).rejects.toMatchObject({ code: 'FEATURE_COUNT' });
    expect(planned).toBe(0);
  });
});
