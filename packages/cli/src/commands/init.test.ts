import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseJob } from '@shardmill/core/schemas';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadJob } from '@shardmill/client/jobs';
import { CommandLineHarness } from '../testing/command-line-harness.js';
import { samplePlan } from '../testing/samples.js';

let harness: CommandLineHarness;
beforeEach(async () => {
  harness = await CommandLineHarness.open();
});
afterEach(() => harness.close());

describe('init', () => {
  it.each([
    ['init new', 'job.ts'],
    ['init new --yaml', 'job.yaml'],
    ['init new --from in.parquet --model model.onnx', 'job.ts'],
    ['init new --yaml --from in.parquet --model model.onnx', 'job.yaml'],
  ])('%s writes a job that can be read', async (args, file) => {
    const { exitCode } = await harness.shardmill(args);
    expect(exitCode).toBe(0);
    const { job, definition } = await loadJob(path.join(harness.root, 'new', file), harness.root);
    expect(job.name).toBe('new');
    expect(() => parseJob(definition, file)).not.toThrow();
  });

  it('fills in columns and inputs', async () => {
    await harness.shardmill('init new --from in.parquet --model model.onnx');
    const text = await readFile(path.join(harness.root, 'new/job.ts'), 'utf8');
    expect(text).toContain(`total_charges: '"Total Charges"'`);
    expect(text).toContain('// Matched by name: tenure.');
    expect(text).toContain("uri: '../in.parquet'");
    expect(text).toContain("customer_id: 'customer_id'");
    expect(text).toContain("score: 'probabilities[2]'");
    expect(text).toContain(samplePlan.scoring.model.sha256);
  });

  it('refuses an existing folder', async () => {
    const { exitCode, stderr } = await harness.shardmill('init jobs/churn');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('error JOB_EXISTS');
  });
});
