import { evaluate, run } from 'shardmill';
import { expect, test, vi } from 'vitest';
import { echoModel } from '../support/echo-model.js';
import { useLake } from '../support/lake.js';
import { useWorkplace } from '../support/workplace.js';

// Two runs and two evaluations, each with an engine of its own.
vi.setConfig({ testTimeout: 120_000 });

const place = useWorkplace();
const lake = useLake(place);

test('the parts in S3 of one of two runs are held against labels in S3, once for each set of labels', async () => {
  await place.write('model.onnx', echoModel({ f: ['float32', 1] }));
  const rows = `SELECT i AS id, if(i % 2 = 0, 'AE', 'DE') AS country, i / 100.0 AS score`;
  await place.writeParquet('data/a.parquet', `${rows} FROM range(100) r(i)`);
  await place.writeParquet('labels.parquet', 'SELECT i AS id, i >= 50 AS y FROM range(90) r(i)');
  await lake.upload('labels.parquet');
  const here = { base: place.path(), config: { cache: { folder: place.path('cache') } } };
  const score = async (f: string): Promise<string> => {
    const job = await place.writeJob({
      features: { f },
      output: {
        uri: lake.uri('out'),
        mode: 'append',
        partitionBy: ['country'],
        columns: { id: 'id', country: 'country', score: 'f_out' },
      },
    });
    const { runId } = await run(job, { ...here, engines: 1, lanes: 1 });
    return runId;
  };
  const first = await score('score');
  await score('1 - score');

  const labels = lake.uri('labels.parquet');
  const save = () => evaluate(lake.uri('out'), { ...here, labels, save: true, run: first });
  const good = await save();
  expect(good).toMatchObject({
    runId: first,
    task: 'binary',
    rows: { results: 100, labels: 90, joined: 90, withoutLabel: 10, withoutResult: 0 },
    scores: [{ column: 'score', rows: 90, binary: { auc: 1 } }],
  });

  // The same again is the one that is stored.
  const again = await save();
  expect(again).toEqual(good);
  const store = lake.stores.open(lake.uri('out'));
  const keys: string[] = [];
  for await (const { key } of store.list(`_shardmill/${first}/evaluations/`)) keys.push(key);
  expect(keys).toEqual([`_shardmill/${first}/evaluations/${good.id}.json`]);

  const parts: string[] = [];
  for await (const { key } of store.list('country=')) if (key.includes(first)) parts.push(key);
  const [part = ''] = parts;
  await store.delete(part);
  await expect(save()).rejects.toMatchObject({
    code: 'INPUT_NOT_FOUND',
    where: store.locate(part),
    message: expect.stringContaining(`a part of run ${first} is gone`),
  });
});
