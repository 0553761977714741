import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { jobJsonSchema } from './job-schema.js';
import { parseJob } from './parse-job.js';

const published: unknown = JSON.parse(
  readFileSync(new URL('../../schema/job.schema.json', import.meta.url), 'utf8'),
);
const conforms = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(jobJsonSchema());

function isParsed(definition: unknown): boolean {
  try {
    parseJob(definition, 'job.json');
    return true;
  } catch {
    return false;
  }
}

const MINIMAL = {
  name: 'churn',
  input: { uri: 'data' },
  model: { uri: 'm.onnx' },
  output: { uri: 'out', columns: { score: 'score' } },
};

describe('the published JSON Schema', () => {
  it('is the one of this code (`pnpm --filter @shardmill/core run schema` writes it)', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(jobJsonSchema())));
  });

  it.each([
    {},
    { $schema: '../../packages/core/schema/job.schema.json' },
    { description: 'text', nulls: 'nan', params: { ds: { type: 'date' }, n: { default: 1 } } },
    { input: { uri: ['a', 'b'], where: 'x > 1', hivePartitioning: false } },
    { model: { uri: 'm.onnx', sha256: 'AB'.repeat(32) } },
    { model: { uri: 'm.onnx', batching: { rows: 1024 } } },
    { features: { a: 'x', b: ['x', 'y'], c: { sql: 'e', width: 3 } } },
    {
      features: {
        x: { image: 'photo', from: './photos', resize: [256, 341], crop: 224, mean: 0.5 },
      },
    },
    { transform: { columns: ['a'], module: './t.js' } },
    { transform: { columns: { a: 'x + 1' }, module: './t.js' } },
    { output: { uri: 'out', passThrough: '*', mode: 'append', compression: 'snappy' } },
    { output: { uri: 'out', passThrough: '*', partitionBy: ['country', 'day'] } },
    {
      output: {
        uri: 'out',
        passThrough: '*',
        table: 'delta',
        partitionBy: ['day'],
        mode: 'replace-partitions',
      },
    },
    { errors: { maxRejectedRows: '0.1%', attempts: 2, partTimeout: '15m' } },
    { resources: { memoryLimit: '2GiB', lanes: 2 }, plan: { partRows: 10, shardParts: 1 } },
    { schedule: { cron: '0 5 * * *', timezone: 'Asia/Dubai' } },
    { schedule: { cron: '@daily', overlap: 'queue', catchUp: 'all', retries: 2, jitter: '10m' } },
    { input: { uri: 'a', waitFor: { marker: '_SUCCESS', files: 24, rows: 1000 } } },
    { input: { uri: 'a', waitFor: { unchangedFor: '10m', every: '1m', timeout: '12h' } } },
    { input: { uri: 'a', waitFor: { marker: 's3://b/done', onTimeout: 'skip' } } },
    { notify: [{ url: 'https://example.com/x', on: ['finished'], secretEnv: 'NOTIFY_SECRET' }] },
    { notify: [{ urlEnv: 'NOTIFY_SLACK', format: 'slack' }] },
  ])('accepts what parsing accepts: %o', (change) => {
    const definition = { ...MINIMAL, ...change };
    expect([conforms(definition), isParsed(definition)]).toEqual([true, true]);
  });

  it.each([
    { name: 'Churn' },
    { name: undefined },
    { modle: {} },
    { nulls: 'drop' },
    { input: { uri: [] } },
    { model: { uri: 'm.onnx', sha256: 'abc' } },
    { features: { a: [] } },
    { transform: { columns: ['a'] } },
    { transform: { columns: ['a'], module: 'm.js', apply: 'f' } },
    { output: { uri: 'out', columns: { a: 1 } } },
    { output: { uri: 'out', passThrough: '*', partitionBy: [] } },
    { errors: { maxRejectedRows: '10 rows' } },
    { plan: { partRows: 0 } },
    { resources: { memoryLimit: '2G' } },
    { schedule: {} },
    { schedule: { cron: '0 5 * * *', catchUpLimit: 1001 } },
    { input: { uri: 'a', waitFor: { files: 0 } } },
    { input: { uri: 'a', waitFor: { unchangedFor: '1 day' } } },
    { input: { uri: 'a', waitFor: { files: 1, onTimeout: 'wait' } } },
    { notify: [{ url: 'https://example.com/x', on: ['started'] }] },
    { notify: [{ url: 'https://example.com/x', secretEnv: 'AWS_SECRET_ACCESS_KEY' }] },
  ])('refuses what parsing refuses: %o', (change) => {
    const definition = JSON.parse(JSON.stringify({ ...MINIMAL, ...change }));
    expect([conforms(definition), isParsed(definition)]).toEqual([false, false]);
  });
});

it.each([
  [{ partitionBy: ['day'] }, "output.mode: 'replace-partitions' is a mode of tables"],
  [{ table: 'delta' }, "output.mode: 'replace-partitions' needs output.partitionBy"],
])('partitions of %o are not replaced', (change, message) => {
  const output = { uri: 'out', passThrough: '*', mode: 'replace-partitions', ...change };
  expect(() => parseJob({ ...MINIMAL, output }, 'job.json')).toThrow(
    expect.objectContaining({ code: 'JOB_INVALID', message: expect.stringContaining(message) }),
  );
});
