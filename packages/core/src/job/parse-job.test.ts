import { describe, expect, it } from 'vitest';
import { ShardmillError } from '../errors/shardmill-error.js';
import { defineJob } from './define-job.js';
import { parseJob } from './parse-job.js';

const MINIMAL = {
  name: 'churn',
  input: { uri: 'data' },
  model: { uri: 'm.onnx' },
  output: { uri: 'out', columns: { score: 'score' } },
};

function faultOf(definition: unknown): ShardmillError {
  try {
    parseJob(definition, 'jobs/churn/job.yaml');
  } catch (error) {
    if (error instanceof ShardmillError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('parsing a job', () => {
  it('fills in every default', () => {
    expect(parseJob(MINIMAL, 'job.yaml')).toEqual({
      name: 'churn',
      params: {},
      input: { uri: 'data', hivePartitioning: true, missingColumns: 'fail' },
      model: { uri: 'm.onnx' },
      features: {},
      nulls: 'reject',
      output: {
        uri: 'out',
        columns: { score: 'score' },
        passThrough: [],
        mode: 'create',
        compression: 'zstd',
        rowGroupRows: 122_880,
      },
      errors: { maxRejectedRows: 0, attempts: 3, partTimeout: '1h', diskFullWait: '10m' },
      plan: { shardParts: 4 },
      resources: { pool: 'cpu' },
    });
  });

  it('gives a parsed job back unchanged', () => {
    const job = parseJob(MINIMAL, 'job.yaml');
    expect(parseJob(job, 'job.yaml')).toEqual(job);
  });

  it('takes what defineJob returns', () => {
    expect(parseJob(defineJob({ ...MINIMAL, nulls: 'nan' }), 'job.ts').nulls).toBe('nan');
  });

  it.each([
    [{ ...MINIMAL, modle: {} }, 'unknown key "modle". Did you mean "model"?'],
    [
      { ...MINIMAL, output: { ...MINIMAL.output, colums: {} } },
      'unknown key "output.colums". Did you mean "columns"?',
    ],
    [
      { ...MINIMAL, errors: { maxRejectedRow: 1 } },
      'unknown key "errors.maxRejectedRow". Did you mean "maxRejectedRows"?',
    ],
    [
      { ...MINIMAL, params: { ds: { tpye: 'date' } } },
      'unknown key "params.ds.tpye". Did you mean "type"?',
    ],
    [
      { ...MINIMAL, schedule: { cron: '0 5 * * *', zone: 'UTC' } },
      'unknown key "schedule.zone". Did you mean "timezone"?',
    ],
    [
      { ...MINIMAL, features: { x: { image: 'photo', meen: 0.5 } } },
      'unknown key "features.x.meen". Did you mean "mean"?',
    ],
  ])('proposes the nearest key for an unknown one (%#)', (definition, message) => {
    const fault = faultOf(definition);
    expect(fault).toMatchObject({ code: 'JOB_INVALID', where: 'jobs/churn/job.yaml' });
    expect(fault.message).toContain(message);
  });

  it('reports every fault at once, each with its place and what was found', () => {
    const { message } = faultOf({
      ...MINIMAL,
      name: 'Churn Model',
      nulls: 'drop',
      plan: { partRows: 0 },
      wher: 'x',
    });
    expect(message.split('\n')).toHaveLength(4);
    expect(message).toContain('name: expected lower-case letters, digits, - and _; found "Churn');
    expect(message).toMatch(/nulls: .*; found "drop"/);
    expect(message).toMatch(/plan\.partRows: .*; found 0/);
    expect(message).toContain('unknown key "wher"');
  });

  it('says what is missing', () => {
    expect(faultOf({ ...MINIMAL, model: undefined }).message).toMatch(/^model: .*; found nothing$/);
    expect(faultOf({ ...MINIMAL, output: { uri: 'out' } }).message).toContain(
      'output.columns: expected at least one output column',
    );
    expect(faultOf(null).message).toContain('the definition: ');
    expect(faultOf('churn').message).toContain('found "churn"');
  });

  it.each([
    ['errors', { maxRejectedRows: '0.1' }],
    ['errors', { maxRejectedRows: -1 }],
    ['errors', { partTimeout: '15 minutes' }],
    ['resources', { memoryLimit: '2G' }],
    ['resources', { lanes: 1.5 }],
    ['model', { uri: 'm.onnx', sha256: 'abc' }],
    ['features', { x: [] }],
    ['features', { x: '  ' }],
    ['input', { uri: [] }],
    ['transform', { columns: ['a'] }],
    ['transform', { columns: ['a'], module: 'm.js', apply: () => null }],
    ['transform', { columns: ['a'], apply: 'f' }],
  ])('refuses %s: %o', (key, value) => {
    expect(faultOf({ ...MINIMAL, [key]: value })).toMatchObject({
      code: 'JOB_INVALID',
      exitCode: 2,
    });
  });

  it.each([
    ['errors', { maxRejectedRows: '0.1%', partTimeout: '90s', attempts: 1 }],
    ['errors', { maxRejectedRows: '100' }],
    ['resources', { memoryLimit: '60%', lanes: 2, threadsPerLane: 1, batchRows: 7 }],
    ['resources', { memoryLimit: '700MB', pool: 'gpu' }],
    ['features', { x: { sql: 'embedding', width: 384 }, y: ['a', 'b'], z: 'c' }],
    ['input', { uri: ['a', 'b'], where: 'x > 1', missingColumns: 'null' }],
    ['transform', { columns: { a: 'lower(b)' }, module: './clean.ts' }],
    ['transform', { columns: ['a'], apply: () => null }],
  ])('accepts %s: %o', (key, value) => {
    expect(parseJob({ ...MINIMAL, [key]: value }, 'job.yaml')).toMatchObject({ [key]: value });
  });

  it('takes the tokens of a call where rows have different numbers of them, and nowhere else', () => {
    const text = { tokenize: 'body', tokenizer: 'tokenizer.json', maxLength: 64 };
    const job = { ...MINIMAL, resources: { batchTokens: 4096 } };
    const texts = { ...job, features: { input_ids: text } };
    expect(parseJob(texts, 'job.yaml').resources.batchTokens).toBe(4096);
    const lists = { ...job, features: { input_ids: { sql: 'ids', width: 64 } } };
    const fixed = { ...texts, model: { uri: 'm.onnx', batching: { rows: 8 } } };
    for (const [one, message] of [
      [job, 'give batchRows'],
      [lists, 'give batchRows'],
      [fixed, 'none beside model.batching'],
    ] as const) {
      expect(faultOf(one)).toMatchObject({
        code: 'JOB_INVALID',
        message: expect.stringContaining(message),
      });
    }
  });
});
