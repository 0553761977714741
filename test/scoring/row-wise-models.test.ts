import type { JobDefinition } from '@shardmill/core';
import {
  batchDependent,
  BATCH_DEPENDENCES,
  boostedTrees,
  failsOnRows,
  fixedBatch,
  logisticRegression,
  misdeclaredOutput,
  mlp,
  randomNoise,
  turnedOutput,
} from '@shardmill/test-kit';
import { describe, expect, it } from 'vitest';
import { score, type ScoreOptions } from '../support/score.js';
import { numbered, useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
const FEATURES = { features: ['a', 'b', 'c'] };

async function prepare(model: Uint8Array, rows = 100): Promise<void> {
  await place.writeParquet('data/a.parquet', numbered(rows), 'ROW_GROUP_SIZE 2048');
  await place.write('model.onnx', model);
}

/** Scores of all rows in the order of their ids. */
async function scores(
  change: Partial<JobDefinition>,
  options: ScoreOptions = {},
): Promise<(number | null)[]> {
  await score(place, { features: FEATURES, ...change }, { ...options, mode: 'overwrite' });
  const files = place.path('out', '*.parquet');
  const rows = await place.sql(`SELECT score FROM read_parquet('${files}') ORDER BY id`);
  return rows.map(({ score: value }) => (typeof value === 'number' ? value : null));
}

describe('a model whose score of a row depends on other rows', () => {
  it.each(BATCH_DEPENDENCES)('is refused: %s', async (way) => {
    await prepare(batchDependent({ way }));
    await expect(score(place, { features: FEATURES })).rejects.toMatchObject({
      code: 'MODEL_NOT_ROW_WISE',
      message: expect.stringMatching(/output "score" of a row depends on the other rows/),
      where: place.path('model.onnx'),
      remedy: expect.stringContaining('model.batching'),
    });
  });

  it('gives the same result with any resources where the job fixes the rows of a call', async () => {
    await prepare(batchDependent({ way: 'dynamicQuantization' }), 20_000);
    const change: Partial<JobDefinition> = {
      model: { uri: 'model.onnx', batching: { rows: 300 } },
      input: { uri: 'data', where: 'id % 7 <> 3' },
      features: { features: ['a', 'if(id % 11 = 0, NULL, b)', 'c'] },
      errors: { maxRejectedRows: '50%' },
      plan: { partRows: 5000, shardParts: 2 },
    };
    const one = await scores(change);
    const { rows } = (await score(place, change, { mode: 'overwrite' })).manifest;
    expect(rows.rejected).toBeGreaterThan(1000);
    expect(one).toHaveLength(rows.scored);
    // The model itself scores calls of 300 rows of the part like this.
    expect(new Set(one).size).toBeGreaterThan(100);
    expect(await scores(change, { lanes: 3, batchRows: 8192 })).toEqual(one);
    expect(await scores(change, { engines: 2, lanes: 2 })).toEqual(one);
    const other = { ...change, model: { uri: 'model.onnx', batching: { rows: 301 } } };
    expect(await scores(other)).not.toEqual(one);
  });

  it('begins each call at the same row of its part, and ends a part with a short one', async () => {
    await prepare(batchDependent({ way: 'rowCount' }), 25);
    // The sum of a row's features over the rows of its call.
    const quotient = await scores({
      model: { uri: 'model.onnx', batching: { rows: 10 } },
      features: { features: ['if(id = 3, NULL, 1)', '0', '0'] },
      errors: { maxRejectedRows: 1 },
    });
    const calls = [...Array(9).fill(9), ...Array(10).fill(10), ...Array(5).fill(5)];
    expect(quotient.map((value) => Math.round(1 / (value ?? 0)))).toEqual(calls);
  });

  it('rejects all rows of a call for which the model throws: fewer would be scored otherwise', async () => {
    await prepare(failsOnRows(), 25);
    const { manifest } = await score(place, {
      features: { id: 'if(id = 12, 1000, id)' },
      model: { uri: 'model.onnx', batching: { rows: 10 } },
      output: { uri: 'out', columns: { id: 'id', value: 'value' } },
      errors: { maxRejectedRows: 10 },
    });
    expect(manifest.rows).toMatchObject({ scored: 15, rejected: 10 });
    expect(await place.results('count_if(id // 10 = 1) AS bad')).toEqual([{ bad: 0 }]);
  });

  it('is refused where the job gives two sizes, or another than the model fixes', async () => {
    await prepare(fixedBatch({ batch: 4 }), 25);
    const model = { uri: 'model.onnx', batching: { rows: 10 } };
    await expect(score(place, { features: FEATURES, model })).rejects.toMatchObject({
      code: 'JOB_INVALID',
      message: 'the model takes 4 rows in a call, and the job fixes 10',
    });
    const resources = { batchRows: 20 };
    await expect(score(place, { features: FEATURES, model, resources })).rejects.toMatchObject({
      code: 'JOB_INVALID',
      message: expect.stringContaining('expected the same as model.batching.rows'),
    });
  });

  it('is refused where it draws random numbers, whatever the job fixes', async () => {
    await prepare(randomNoise());
    await expect(
      score(place, {
        features: { x: 'a' },
        model: { uri: 'model.onnx', batching: { rows: 10 } },
        output: { uri: 'out', columns: { y: 'y' } },
      }),
    ).rejects.toMatchObject({ code: 'MODEL_NOT_DETERMINISTIC' });
  });
});

describe('an output', () => {
  const columns = (sql: string): Partial<JobDefinition> => ({
    features: FEATURES,
    output: { uri: 'out', columns: { id: 'id', y: sql } },
  });

  it('is refused where its rows are in another dimension, though the sizes agree by chance', async () => {
    await prepare(turnedOutput(), 3);
    await expect(score(place, columns('turned'))).rejects.toMatchObject({
      code: 'MODEL_OUTPUT_SHAPE',
      message: 'output "turned" has the shape [3, 1] for 1 row; expected 1 as the first dimension',
      where: place.path('model.onnx'),
    });
  });

  it('has the shape that it has where none is declared', async () => {
    await prepare(misdeclaredOutput({ declared: [] }), 3);
    const { plan } = await score(place, columns('y[3]'));
    expect(plan.scoring.model.outputs).toEqual([{ name: 'y', type: 'float32', shape: ['N', 3] }]);
    const [expected] = await place.sql(
      `SELECT list(abs(c)::FLOAT ORDER BY id) AS y FROM (${numbered(3)})`,
    );
    const [found] = await place.results('list(y ORDER BY id) AS y');
    expect(found).toEqual(expected);
  });

  it.each([
    ['[N, 1], 1 value', ['N', 1], 'y'],
    ['[N, 2], 2 values', ['N', 2], 'y[1]'],
  ])('is refused where it is not as it is declared: %s', async (_, declared, sql) => {
    await prepare(misdeclaredOutput({ declared }));
    await expect(score(place, columns(sql))).rejects.toMatchObject({
      code: 'MODEL_OUTPUT_SHAPE',
      message: expect.stringMatching(
        /is declared as \[N.*, [12] values? per row, and has the shape \[1, 3\] for 1 row, 3 values/,
      ),
    });
  });
});

describe('a model that scores each row by itself', () => {
  it.each([
    ['logistic regression', logisticRegression({ features: 3 }), 0],
    ['trees', boostedTrees({ features: 3 }), 0],
    ['a network', mlp({ layers: [3, 64, 64, 1] }), 1e-5],
  ])(
    'differs by no more than the last bits with the rows of a call: %s',
    async (_, model, most) => {
      await prepare(model, 3000);
      const byRows = new Map<number, (number | null)[]>();
      for (const batchRows of [1, 7, 1024]) byRows.set(batchRows, await scores({}, { batchRows }));
      const whole = await scores({});
      for (const found of byRows.values()) {
        const differences = found.map(
          (value, i) =>
            Math.abs((value ?? Number.NaN) - (whole[i] ?? 0)) /
            Math.max(1, Math.abs(whole[i] ?? 0)),
        );
        expect(Math.max(...differences)).toBeLessThanOrEqual(most);
      }
    },
  );
});
