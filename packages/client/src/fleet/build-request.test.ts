import { parseJob } from '@shardmill/core/schemas';
import { describe, expect, it } from 'vitest';
import { buildRequest } from './build-request.js';

const job = parseJob(
  {
    name: 'churn',
    input: { uri: ['data/*.parquet', 's3://lake/more/'] },
    model: { uri: '../model.onnx' },
    features: { x: { image: 'photo', from: 'photos' } },
    output: { uri: 's3://lake/out/', columns: { a: 'a' } },
    transform: { columns: ['a'], module: './twist.mjs' },
  },
  'job.json',
);
const prepared = {
  job,
  jobFile: '/data/jobs/churn/job.json',
  params: { ds: '2026-11-22' },
  command: 'shardmill run /data/jobs/churn/job.json',
};
const who = { run: 'r1', now: new Date('2026-11-22T05:00:00Z'), by: 'ann@laptop' };

describe('a submission', () => {
  it('has absolute locations only, so that any machine can plan it', () => {
    const request = buildRequest(prepared, { priority: 50 }, who);
    expect(request.job).toMatchObject({
      input: { uri: ['/data/jobs/churn/data/*.parquet', 's3://lake/more'] },
      model: { uri: '/data/jobs/model.onnx' },
      features: { x: { image: 'photo', from: '/data/jobs/churn/photos' } },
      output: { uri: 's3://lake/out' },
      transform: { module: '/data/jobs/churn/twist.mjs' },
    });
    expect(request.jobFile).toBe(prepared.jobFile);
  });

  it('says who, when, with which key, how urgent and how strict', () => {
    const flags = { priority: 90, runKey: 'k', failFast: true, maxRejectedRows: '1%' };
    expect(buildRequest(prepared, flags, who)).toMatchObject({
      run: 'r1',
      submittedAt: '2026-11-22T05:00:00.000Z',
      submittedBy: 'ann@laptop',
      key: 'k',
      priority: 90,
      failFast: true,
      job: { errors: { maxRejectedRows: '1%' } },
      params: { ds: '2026-11-22' },
    });
    expect(buildRequest(prepared, { priority: 50 }, who)).toMatchObject({
      key: null,
      failFast: false,
      job: { errors: { maxRejectedRows: 0 } },
    });
  });
});
