import { openLineageFaults, ReceiverServer } from '@shardmill/test-kit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();
let server: ReceiverServer;

beforeEach(async () => {
  server = await ReceiverServer.start();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

const PARENT = '0191f3a0-6c1e-7d5a-9f3b-0123456789ab';

test('the events of a real run are as OpenLineage specifies, and say where each column comes from', async () => {
  vi.stubEnv('OPENLINEAGE_URL', server.url('/'));
  vi.stubEnv('OPENLINEAGE_API_KEY', 'planted-key');
  vi.stubEnv('OPENLINEAGE_NAMESPACE', 'prod');
  vi.stubEnv('OPENLINEAGE_PARENT_ID', `airflow/churn.score/${PARENT}`);
  await place.prepare({
    job: {
      input: { uri: 'data', where: 'id < 90' },
      features: { features: ['a', 'b + 1', 'c'] },
      output: {
        uri: 'out',
        passThrough: ['id'],
        columns: { score: 'score', scaled: 'score * a', copied: 'scaled' },
      },
    },
  });
  const ended = await place.shardmill('run', 'job.json', '--json');
  expect(ended.code).toBe(0);
  expect(ended.stdout + ended.stderr).not.toContain('planted');
  const events = server.received.map(({ body }) => JSON.parse(body));
  expect(events.map(({ eventType }) => eventType)).toEqual(['START', 'RUNNING', 'COMPLETE']);
  for (const event of events) expect(openLineageFaults(event)).toEqual([]);
  expect(new Set(events.map(({ run }) => run.runId)).size).toBe(1);
  expect(server.received[0]).toMatchObject({
    path: '/api/v1/lineage',
    headers: { authorization: 'Bearer planted-key' },
  });
  const [, , { inputs, outputs, job, run }] = events;
  expect(job).toMatchObject({ namespace: 'prod', name: 'test' });
  expect(run.facets.parent).toMatchObject({ run: { runId: PARENT } });
  const data = { namespace: 'file', name: place.path('data') };
  const model = { namespace: 'file', name: place.path('model.onnx') };
  expect(inputs).toMatchObject([
    { ...data, inputFacets: { inputStatistics: { rowCount: 100, fileCount: 1 } } },
    { ...model, facets: { datasetType: { datasetType: 'MODEL' } } },
  ]);
  const [output] = outputs;
  expect(output).toMatchObject({
    namespace: 'file',
    name: place.path('out'),
    outputFacets: { outputStatistics: { rowCount: 90, fileCount: 1 } },
    facets: {
      dataQualityMetrics: { columnMetrics: { score: { count: 90, min: expect.any(Number) } } },
    },
  });
  const { fields, dataset } = output.facets.columnLineage;
  const sources = (column: string): string[] =>
    fields[column].inputFields.map(
      (field: { name: string; field: string; transformations: { subtype: string }[] }) =>
        `${field.name === model.name ? 'model' : 'data'}.${field.field} ${field.transformations[0]?.subtype}`,
    );
  expect(sources('id')).toEqual(['data.id IDENTITY']);
  const throughModel = ['a', 'b', 'c'].map((name) => `data.${name} TRANSFORMATION`);
  expect(sources('score')).toEqual(['model.score IDENTITY', ...throughModel]);
  const scaled = ['data.a TRANSFORMATION', 'model.score TRANSFORMATION', ...throughModel.slice(1)];
  expect(sources('scaled')).toEqual(scaled);
  expect(sources('copied')).toEqual(scaled);
  expect(dataset).toMatchObject([{ ...data, field: 'id' }]);
});

test('a run goes on as ever where nothing listens, with one warning', async () => {
  const { port } = server;
  await server.close();
  vi.stubEnv('OPENLINEAGE_URL', `http://127.0.0.1:${port}`);
  await place.prepare();
  const ended = await place.shardmill('run', 'job.json');
  expect(ended.code).toBe(0);
  expect(ended.stderr.match(/LINEAGE_FAILED/g)).toHaveLength(1);
  server = await ReceiverServer.start();
});
