import { createHash } from 'node:crypto';
import {
  fixedBatch,
  identity,
  linearWithWeightsIn,
  logisticRegression,
  sequenceOutput,
  unknownOperator,
  weightsFile,
  ZIP_MAP_PARAMETERS,
  logisticReference,
  zipMap,
  zipMapWithWeightsIn,
} from '@shardmill/test-kit';
import { describe, expect, test } from 'vitest';
import { runOf } from '../support/command.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { usualJob, useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

describe('a model is refused', () => {
  test('that does not exist', async () => {
    await place.prepare({ job: { model: { uri: 'other.onnx' } } });
    await expectRefusal(place, { code: 'MODEL_NOT_FOUND', where: place.path('other.onnx') });
  });

  test('whose weights are not beside it, naming the file', async () => {
    await place.prepare({ model: linearWithWeightsIn('weights.bin') });
    await expectRefusal(place, {
      code: 'MODEL_NOT_FOUND',
      message: /weights.*"weights\.bin"/,
      where: place.path('weights.bin'),
      remedy: /Put "weights\.bin" beside the model/,
    });
  });

  test.each([
    ['text', Buffer.from('this is not a model')],
    ['nothing', Buffer.alloc(0)],
    ['half of a model', logisticRegression({ features: 300 }).subarray(0, 900)],
  ])('that is %s', async (_, model) => {
    await place.prepare({ model });
    await expectRefusal(place, {
      code: 'MODEL_INVALID',
      where: place.path('model.onnx'),
      remedy: /[Ee]xport/,
    });
  });

  test('with an operator that the runtime lacks', async () => {
    await place.prepare({ model: unknownOperator() });
    await expectRefusal(place, {
      code: 'MODEL_OPERATOR_UNSUPPORTED',
      message: /Frobnicate/,
      where: place.path('model.onnx'),
      remedy: /Export/,
    });
  });

  test('whose SHA-256 is not the pinned one, naming both', async () => {
    const model = logisticRegression({ features: 3 });
    const sha256 = createHash('sha256').update(model).digest('hex');
    const pinned = sha256.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
    await place.prepare({ model, job: { model: { uri: 'model.onnx', sha256: pinned } } });
    await expectRefusal(place, {
      code: 'MODEL_SHA256_MISMATCH',
      message: new RegExp(`${sha256}.*${pinned}`),
      where: place.path('model.onnx'),
      remedy: /model\.sha256/,
    });
    await place.writeJob({ model: { uri: 'model.onnx', sha256 } });
    runOf(await place.shardmill('run', 'job.json', '--json'));
  });
});

describe('features are refused', () => {
  test('of a type that the input cannot take', async () => {
    await place.prepare({ job: { features: { features: ['a', 'b', "'x' || id"] } } });
    await expectRefusal(place, {
      code: 'FEATURE_TYPE',
      message: /VARCHAR.*float32|float32.*VARCHAR/s,
      where: 'features.features[2]',
      remedy: /cast/i,
    });
  });

  test('that are numbers where the input takes text', async () => {
    await place.prepare({
      model: identity({ type: 'string' }),
      job: { features: { x: 'struct_pack(a := a)' }, output: { uri: 'out', columns: { y: 'y' } } },
    });
    await expectRefusal(place, { code: 'FEATURE_TYPE', where: 'features.x' });
  });

  test.each([2, 4])('where there are %i for an input of 3', async (count) => {
    const features = ['a', 'b', 'c', 'id'].slice(0, count);
    await place.prepare({ job: { features: { features } } });
    await expectRefusal(place, {
      code: 'FEATURE_COUNT',
      message: new RegExp(`\\[N, 3\\].*expected 3.*found ${count}`),
      where: 'features.features',
    });
  });

  test('for an input that the model does not have, naming the nearest', async () => {
    await place.prepare({ job: { features: { featurs: ['a', 'b', 'c'] } } });
    await expectRefusal(place, {
      code: 'FEATURE_UNKNOWN',
      message: /"featurs".*"features"/,
      where: 'features.featurs',
    });
  });

  test('where an input has none and no column is called like it', async () => {
    await place.prepare({ job: { features: {} } });
    await expectRefusal(place, {
      code: 'FEATURE_MISSING',
      message: /"features".*float32.*\[N, 3\]/,
      where: 'features.features',
      remedy: /3 SQL expressions/,
    });
  });
});

test('a model with a fixed batch dimension scores every row, the last batch padded', async () => {
  await place.prepare({ rows: 103, model: fixedBatch({ batch: 4 }) });
  const { rows } = runOf(await place.shardmill('run', 'job.json', '--json', '--batch-rows', '10'));
  expect(rows).toEqual({ read: 103, scored: 103, rejected: 0, filtered: 0 });
  const wrong = await place.sql(
    `SELECT id, score, a + b + c AS expected FROM '${place.path('data/*.parquet')}' AS input
     LEFT JOIN '${place.path('out/*.parquet')}' AS result USING (id)
     WHERE NOT coalesce(abs(score - expected) < 1e-4, false)`,
  );
  expect(wrong).toEqual([]);
  expect(await place.results('count(*) AS n')).toEqual([{ n: 103 }]);
});

describe('a model with a ZipMap', () => {
  test('is scored by its tensor outputs', async () => {
    const columns = { id: 'id', a: 'a', b: 'b', c: 'c', label: 'label', p: 'probabilities[2]' };
    await place.prepare({ rows: 50, model: zipMap(), job: { output: { uri: 'out', columns } } });
    runOf(await place.shardmill('run', 'job.json', '--json'));
    const rows = await place.results('a, b, c, label, p');
    expect(rows).toHaveLength(50);
    for (const { a, b, c, label, p } of rows) {
      const expected = logisticReference(ZIP_MAP_PARAMETERS, [a, b, c].map(Number));
      expect(p).toBeCloseTo(expected, 5);
      expect(label).toBe(expected > 0.5 ? 1 : 0);
    }
  });

  test('gives the tensor before the ZipMap for the map, with weights beside the model, too', async () => {
    const weights = [0.5, -1, 2, 0.25, -0.75, 1];
    await place.write('weights.bin', weightsFile(...weights));
    const columns = { a: 'a', b: 'b', c: 'c', no: 'scores[1]', yes: 'scores[2]' };
    await place.prepare({
      rows: 3000,
      model: zipMapWithWeightsIn('weights.bin'),
      job: { output: { uri: 'out', columns } },
    });
    // Both ways of scoring: one query for a part, and batches.
    for (const args of [[], ['--batch-rows', '100', '--mode', 'overwrite']]) {
      runOf(await place.shardmill('run', 'job.json', '--json', ...args));
      const rows = await place.results('*');
      expect(rows).toHaveLength(3000);
      for (const { a, b, c, no, yes } of rows) {
        const [x = 0, y = 0, z = 0] = [a, b, c].map(Number);
        const [w1 = 0, w2 = 0, w3 = 0, w4 = 0, w5 = 0, w6 = 0] = weights;
        const difference = x * (w2 - w1) + y * (w4 - w3) + z * (w6 - w5);
        expect(Number(yes)).toBeCloseTo(1 / (1 + Math.exp(-difference)), 4);
        expect(Number(no) + Number(yes)).toBeCloseTo(1, 5);
      }
    }
  });

  test('is shown by inspect with the tensor and the classes in their order', async () => {
    await place.write('weights.bin', weightsFile(1, 2, 3, 4, 5, 6));
    await place.write('model.onnx', zipMapWithWeightsIn('weights.bin'));
    const { stdout } = await place.shardmill('inspect', 'model.onnx');
    expect(stdout).toMatch(/scores +float32 +\[N, 2\] +ZipMap; classes "no", "yes"/);
  });
});

test('an output that is a sequence is refused, and the tensor outputs are named', async () => {
  await place.prepare({
    model: sequenceOutput(),
    job: { output: { uri: 'out', columns: { ...usualJob.output.columns, score: 'pieces[1]' } } },
  });
  await expectRefusal(place, {
    code: 'MODEL_OUTPUT_NOT_TENSOR',
    message: /"pieces"/,
    where: 'output.columns.score',
    remedy: /"score".*tensor/,
  });
});
