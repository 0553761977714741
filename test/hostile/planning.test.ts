import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type JobDefinition, ShardmillError } from '@shardmill/core';
import { parseJob } from '@shardmill/core/schemas';
import type { MadePlan } from '@shardmill/scheduler';
import { logisticRegression } from '@shardmill/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
// The built file: it starts its process from its own folder.
import { fleetPlanner } from '../../packages/client/dist/planning/fleet-planner.js';

const MIB = 2 ** 20;

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'shardmill-planner-'));
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  await mkdir(path.join(root, 'data'));
  await connection.run(
    `COPY (SELECT 1.0::DOUBLE AS a, 'x' AS s FROM range(10)) TO '${root}/data/a.parquet'`,
  );
  database.closeSync();
  await writeFile(path.join(root, 'model.onnx'), logisticRegression({ features: 1 }));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const usual = {
  name: 'test',
  input: { uri: 'data' },
  model: { uri: 'model.onnx' },
  features: { features: ['a'] },
  output: { uri: 'out', columns: { score: 'score' } },
} satisfies JobDefinition;

function plan(
  change: Partial<JobDefinition> = {},
  { timeoutMs = 60_000, memoryMib = 4096, signal = new AbortController().signal } = {},
): Promise<MadePlan> {
  const limits = { timeoutMs, memoryLimitBytes: memoryMib * MIB };
  const engine = { environment: [], cacheFolder: path.join(root, 'cache') };
  const jobFile = path.join(root, 'job.json');
  const request = {
    run: '20260101T000000Z-00000000',
    submittedAt: '2026-01-01T00:00:00.000Z',
    key: null,
    job: parseJob({ ...usual, ...change }, jobFile),
    jobFile,
    params: {},
    priority: 50,
    failFast: false,
    submittedBy: 'me@here',
  };
  return fleetPlanner({ storage: {}, engine, limits, rules: {} })(request, signal, {});
}

/** DuckDB computes constants while it binds. */
const output = (sql: string): Partial<JobDefinition> => ({
  output: { uri: 'out', columns: { score: 'score', more: sql } },
});
const MINUTES = output("md5(repeat('a', 2000000000)) || md5(repeat('b', 2000000000))");

describe('planning in processes of its own', () => {
  it('gives the plan', async () => {
    const { plan: made, pages } = await plan();
    expect(made).toMatchObject({
      runId: '20260101T000000Z-00000000',
      totals: { files: 1, rows: 10, shards: 1 },
    });
    expect(pages).toHaveLength(1);
  });

  it('passes on what is wrong with the job', async () => {
    await expect(plan({ features: { features: ['b'] } })).rejects.toMatchObject({
      code: 'COLUMN_NOT_FOUND',
    });
    await expect(plan({ input: { uri: 'nothing' } })).rejects.toMatchObject({
      code: 'INPUT_NOT_FOUND',
    });
  });

  it.each([
    ['a constant that is expensive to compute', MINUTES],
    ['many such constants', output(Array(12).fill("md5(repeat('a', 2000000000))").join(' || '))],
  ])('ends at its deadline: %s', async (_, change) => {
    const began = performance.now();
    await expect(plan(change, { timeoutMs: 3000 })).rejects.toMatchObject({
      code: 'PLAN_TIMEOUT',
      message: 'planning was not done after 3 s, its limit',
    });
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it('ends where it takes more memory than its limit', async () => {
    await expect(plan(MINUTES, { memoryMib: 700 })).rejects.toMatchObject({
      code: 'PLAN_OUT_OF_MEMORY',
      message: expect.stringContaining('its limit is 700 MiB'),
    });
  });

  it('ends where a pattern would be matched without end', async () => {
    await writeFile(path.join(root, 'data', `${'a'.repeat(200)}.parquet`), '');
    const uri = `data/${'*a'.repeat(30)}*b`;
    await expect(plan({ input: { uri } }, { timeoutMs: 5000 })).rejects.toMatchObject({
      code: 'PLAN_TIMEOUT',
    });
  });

  it('ends when its run is cancelled', async () => {
    const controller = new AbortController();
    const planning = plan(MINUTES, { signal: controller.signal });
    const began = performance.now();
    setTimeout(
      () => controller.abort(new ShardmillError('INTERRUPTED', 'it is not wanted any more')),
      1500,
    );
    await expect(planning).rejects.toMatchObject({
      code: 'INTERRUPTED',
      message: 'it is not wanted any more',
    });
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
