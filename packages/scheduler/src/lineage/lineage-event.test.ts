import type { Manifest, Plan } from '@shardmill/core';
import { openLineageFaults } from '@shardmill/test-kit';
import { describe, expect, it } from 'vitest';
import { jobOf } from '../testing/job.js';
import { syntheticPlan } from '../testing/synthetic-plan.js';
import { lineageEvent } from './lineage-event.js';
import type { LineageFacts } from './lineage-facts.js';
import { lineageRunId } from './lineage-run-id.js';
import { parentRunOf } from './parent-run.js';

const AT = '2026-11-26T05:00:00.000Z';

const job = jobOf({
  name: 'churn',
  description: 'Churn of customers.',
  input: { uri: 's3://lake/customers/*.parquet', where: "country = 'AE'" },
  model: { uri: 's3://models/churn.onnx' },
  output: { uri: 's3://lake/scores', table: 'delta', mode: 'overwrite', columns: { risk: 'p[2]' } },
});

const facts: LineageFacts = {
  eventType: 'START',
  at: AT,
  namespace: 'default',
  version: '0.1.0',
  lineageRun: lineageRunId(Date.parse(AT), 'r1'),
  run: 'r1',
  job,
  base: '/jobs',
  params: { ds: '2026-11-25' },
  tick: { schedule: 'nightly', at: '2026-11-25T00:00:00.000Z' },
};

function planOf(change: Partial<Plan> = {}): Plan {
  const { plan } = syntheticPlan({
    runId: 'r1',
    output: 's3://lake/scores',
    shards: 1,
    mode: 'overwrite',
    input: 's3://lake/customers/*.parquet',
    table: 'delta',
  });
  const { scoring } = plan;
  return {
    ...plan,
    scoring: {
      ...scoring,
      input: { ...scoring.input, columns: ['id', 'age', 'country'].map(column) },
      model: {
        ...scoring.model,
        uri: 's3://models/churn.onnx',
        sha256: 'abc',
        outputs: [{ name: 'p', type: 'float32', shape: ['N', 2] }],
      },
      output: {
        ...scoring.output,
        columns: ['id', 'risk'].map((name) => ({ ...column(name), sql: name })),
      },
    },
    columnUse: {
      where: ['country'],
      features: ['age'],
      outputs: [
        { columns: ['id'], modelOutputs: [], plain: true },
        { columns: [], modelOutputs: ['p'], plain: false },
      ],
    },
    inputTable: { format: 'delta', version: 7 },
    ...change,
  };
}

const column = (name: string) => ({ name, type: 'DOUBLE' });

const manifest: Manifest = {
  format: 'shardmill-manifest/1',
  runId: 'r1',
  planDigest: 'd',
  job: { name: 'churn', params: {} },
  createdAt: AT,
  finishedAt: AT,
  rows: { read: 10, scored: 7, rejected: 2, filtered: 1 },
  rejectedBudget: '30%',
  model: { uri: 's3://models/churn.onnx', sha256: 'abc' },
  schema: [],
  table: { format: 'delta', version: 12 },
  parts: [],
  rejected: [],
  bytes: 345,
  statistics: {
    id: { count: 7, nulls: 0 },
    risk: { count: 7, nulls: 1, nan: 0, infinite: 0, min: 0.1, max: 0.9, mean: 0.5, deciles: [] },
  },
  seconds: {},
  versions: {},
};

const event = (change: Partial<LineageFacts> = {}) => lineageEvent({ ...facts, ...change });

describe('an event', () => {
  it.each<[string, Partial<LineageFacts>]>([
    ['that a run begins', {}],
    ['that it is planned', { eventType: 'RUNNING', plan: planOf() }],
    ['that it is finished', { eventType: 'COMPLETE', plan: planOf(), manifest }],
    ['that it is finished, without its plan', { eventType: 'COMPLETE', manifest }],
    [
      'that it has failed',
      { eventType: 'FAIL', error: { code: 'SHARDS_FAILED', message: 'm', remedy: 'r' } },
    ],
    ['of a plan of an earlier version', { plan: planOf({ columnUse: undefined }) }],
    ['of a run without anything optional', { params: {}, tick: undefined, run: null }],
  ])('%s is as the specification says', (_what, change) => {
    expect(openLineageFaults(event(change))).toEqual([]);
  });

  it('that is not as the specification says is found out', () => {
    const good = event({ eventType: 'COMPLETE', plan: planOf(), manifest });
    const [output] = good.outputs;
    const statistics = { ...output?.outputFacets?.outputStatistics, rowCount: '7' };
    const bad = { ...good, outputs: [{ ...output, outputFacets: { statistics } }] };
    expect(openLineageFaults(bad).join()).toContain('rowCount must be integer');
    const misspelt = { ...good.job.facets.jobType, integrations: 'x' };
    const job = { ...good.job, facets: { jobType: misspelt } };
    expect(openLineageFaults({ ...good, job }).join()).toContain('integrations');
    const { run: _run, ...lacking } = good;
    expect(openLineageFaults(lacking).join()).toContain("required property 'run'");
  });

  it('names the run, its schedule, its parameters and what runs it', () => {
    const { run, eventTime } = event();
    expect(eventTime).toBe(AT);
    expect(run.runId).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(run.facets).toMatchObject({
      processing_engine: { name: 'Shardmill', version: '0.1.0' },
      nominalTime: { nominalStartTime: '2026-11-25T00:00:00.000Z' },
      executionParameters: { parameters: [{ key: 'ds', value: '2026-11-25' }] },
      tags: {
        tags: [
          { key: 'shardmill.run', value: 'r1' },
          { key: 'shardmill.schedule', value: 'nightly' },
        ],
      },
    });
  });

  it('names the run of the orchestrator that it is part of', () => {
    const run = '0191f3a0-6c1e-7d5a-9f3b-0123456789ab';
    const parent = parentRunOf({ parent: `airflow/churn.score/${run}` });
    const { facets: found } = event({ parent }).run;
    expect(found.parent).toMatchObject({
      run: { runId: run },
      job: { namespace: 'airflow', name: 'churn.score' },
      root: { run: { runId: run } },
    });
    expect(openLineageFaults(event({ parent }))).toEqual([]);
  });

  it('has the code and the remedy of an error', () => {
    const error = {
      code: 'DISK_FULL',
      message: 'no space',
      where: '/tmp',
      remedy: 'Free some.',
    } as const;
    expect(event({ eventType: 'FAIL', error }).run.facets.errorMessage).toMatchObject({
      message: 'DISK_FULL: no space (/tmp). Free some.',
    });
  });

  it('has what was read, with its version and its rows, and the model', () => {
    const { inputs } = event({ eventType: 'COMPLETE', plan: planOf(), manifest });
    expect(inputs).toMatchObject([
      {
        namespace: 's3://lake',
        name: 'customers',
        facets: {
          datasetType: { datasetType: 'TABLE' },
          version: { datasetVersion: '7' },
          schema: { fields: [{ name: 'id', type: 'DOUBLE', ordinal_position: 1 }, {}, {}] },
        },
        inputFacets: {
          inputStatistics: { rowCount: 10, size: 1, fileCount: 1 },
          dataQualityAssertions: { assertions: [{ actual: '2', expected: '30%', success: true }] },
        },
      },
      {
        namespace: 's3://models',
        name: 'churn.onnx',
        facets: {
          datasetType: { datasetType: 'MODEL', subType: 'ONNX' },
          version: { datasetVersion: 'abc' },
          schema: { fields: [{ name: 'p', type: 'float32[N, 2]' }] },
        },
      },
    ]);
  });

  it('has what was written, with its version, its rows and what its values are', () => {
    const { outputs } = event({ eventType: 'COMPLETE', plan: planOf(), manifest });
    expect(outputs).toMatchObject([
      {
        namespace: 's3://lake',
        name: 'scores',
        facets: {
          storage: { storageLayer: 'delta', fileFormat: 'parquet' },
          version: { datasetVersion: '12' },
          lifecycleStateChange: { lifecycleStateChange: 'OVERWRITE' },
          dataQualityMetrics: {
            rowCount: 7,
            columnMetrics: {
              id: { count: 7, nullCount: 0 },
              risk: { count: 6, nullCount: 1, min: 0.1, max: 0.9 },
            },
          },
        },
        outputFacets: { outputStatistics: { rowCount: 7, size: 345, fileCount: 0 } },
      },
    ]);
  });

  it('says of each output column which columns and which output of the model it comes from', () => {
    const [output] = event({ eventType: 'RUNNING', plan: planOf() }).outputs;
    const customers = { namespace: 's3://lake', name: 'customers' };
    expect(output?.facets.columnLineage).toMatchObject({
      fields: {
        id: {
          inputFields: [
            {
              ...customers,
              field: 'id',
              transformations: [{ type: 'DIRECT', subtype: 'IDENTITY' }],
            },
          ],
        },
        risk: {
          inputFields: [
            { namespace: 's3://models', name: 'churn.onnx', field: 'p' },
            { ...customers, field: 'age', transformations: [{ subtype: 'TRANSFORMATION' }] },
          ],
        },
      },
      dataset: [
        {
          ...customers,
          field: 'country',
          transformations: [{ type: 'INDIRECT', subtype: 'FILTER' }],
        },
      ],
    });
  });

  it('before the plan has the locations of the job, relative ones from its folder', () => {
    const local = jobOf({
      input: { uri: ['a.parquet', 'b'] },
      output: { uri: 'out', columns: { y: 'y' } },
    });
    const { inputs, outputs } = event({ job: local });
    expect([...inputs, ...outputs].map(({ name }) => name)).toEqual([
      '/jobs/a.parquet',
      '/jobs/b',
      '/jobs/m.onnx',
      '/jobs/out',
    ]);
    // Where a registered model lies is not known yet.
    const registered = event({ job: { ...local, model: { uri: 'models:/churn@production' } } });
    expect(registered.inputs.map(({ name }) => name)).toEqual(['/jobs/a.parquet', '/jobs/b']);
  });
});
