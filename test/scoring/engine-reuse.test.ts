import { readdir } from 'node:fs/promises';
import { logisticRegression, slow, sumColumns } from '@shardmill/test-kit';
import { EngineProcess } from '@shardmill/worker';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { score } from '../support/score.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
let engine: EngineProcess;
beforeEach(() => {
  engine = EngineProcess.start();
});
afterEach(() => engine.close());

const threads = async (): Promise<number> => (await readdir(`/proc/${engine.pid}/task`)).length;

it('an engine scores run after run, with other models, inputs and columns, in the same lanes', async () => {
  await place.prepare({ rows: 20_000 });
  await place.write('sum.onnx', sumColumns({ names: ['a', 'b'] }));
  await place.write('slow.onnx', slow({ iterations: 1 }));
  await place.write('regression.onnx', logisticRegression({ features: 2 }));
  const plan = { partRows: 4096, shardParts: 4 };
  let before = 0;
  for (let round = 0; round < 3; round++) {
    for (const model of ['model.onnx', 'sum.onnx', 'slow.onnx', 'regression.onnx']) {
      const uri = `out/${round}-${model}`;
      const sum = model === 'sum.onnx';
      const { manifest } = await score(
        place,
        {
          plan,
          model: { uri: model },
          ...(sum && { features: {} }),
          ...(model === 'regression.onnx' && { features: { features: ['a', 'b'] } }),
          output: {
            uri,
            columns: sum ? { id: 'id', sum: 'sum', a: 'a', b: 'b' } : { id: 'id', score: 'score' },
          },
        },
        { engine, lanes: 2 },
      );
      expect(manifest.rows).toMatchObject({ read: 20_000, scored: 20_000 });
      const where = sum ? 'sum <> a::FLOAT + b::FLOAT' : 'score IS NULL';
      expect(
        await place.sql(
          `SELECT count(DISTINCT id)::INTEGER AS ids, count(*) FILTER (${where})::INTEGER AS wrong FROM '${place.path(uri)}/*.parquet'`,
        ),
      ).toEqual([{ ids: 20_000, wrong: 0 }]);
    }
    if (round === 0) before = await threads();
  }
  // What an earlier run left behind would grow with each.
  expect(await threads()).toBeLessThanOrEqual(before + 4);
});

it('an engine scores with the model that lies at a path now, not with the one that did', async () => {
  await place.prepare({ rows: 100 });
  const sums: unknown[] = [];
  for (const [round, names] of [
    ['a', 'b'],
    ['b', 'c'],
  ].entries()) {
    await place.write('sum.onnx', sumColumns({ names }));
    const uri = `out/${round}`;
    const [first = '', second = ''] = names;
    await score(
      place,
      {
        model: { uri: 'sum.onnx' },
        features: {},
        output: { uri, columns: { wrong: `sum <> ${first}::FLOAT + ${second}::FLOAT` } },
      },
      { engine },
    );
    sums.push(...(await place.results('count(*) FILTER (wrong)::INTEGER AS wrong', uri)));
  }
  expect(sums).toEqual([{ wrong: 0 }, { wrong: 0 }]);
});
