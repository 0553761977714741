import path from 'node:path';
import { FAILURE_FORMAT, failureKey, FileStore, planKey, type ShardFailure } from '@shardmill/core';
import { parseJob } from '@shardmill/core/schemas';
import { RunRegistry } from '@shardmill/scheduler';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CommandLineHarness } from '../testing/command-line-harness.js';
import { samplePlan } from '../testing/samples.js';

let harness: CommandLineHarness;
const { runId } = samplePlan;
const at = '2026-11-22T05:00:10.000Z';
const error = {
  code: 'ENGINE_OUT_OF_MEMORY',
  message: 'there is no room',
  remedy: 'Lower lanes.',
} as const;
const failure: ShardFailure = {
  format: FAILURE_FORMAT,
  runId,
  planDigest: samplePlan.digest,
  round: 0,
  shard: 0,
  ...error,
  story: [{ worker: 'w1', startedAt: at, endedAt: at, error }],
};

beforeEach(async () => {
  harness = await CommandLineHarness.open();
});
afterEach(() => harness.close());

/** A run of a fleet that was submitted, and, if it is to be, planned and failed. */
async function submitted(failed: boolean): Promise<void> {
  const registry = new RunRegistry(new FileStore(path.join(harness.root, '.shardmill/state')));
  const output = { uri: path.join(harness.root, 'out'), columns: { a: 'a' } };
  const job = { name: 'churn', input: { uri: '/in' }, model: { uri: '/model.onnx' }, output };
  const { run } = await registry.submit({
    run: runId,
    submittedAt: '2026-11-22T05:00:00.000Z',
    key: 'churn of today',
    job: parseJob(job, 'job.json'),
    jobFile: '/job.json',
    params: {},
    priority: 50,
    failFast: false,
    submittedBy: 'ann@laptop',
  });
  if (!failed) return;
  const store = new FileStore(output.uri);
  await store.create(planKey(runId), Buffer.from(JSON.stringify(samplePlan)));
  await store.create(failureKey(runId, 0, 0), Buffer.from(JSON.stringify(failure)));
  for (const event of [
    { kind: 'planned', at, planRun: runId, planDigest: samplePlan.digest },
    { kind: 'failed', at, error, shardsFailed: 1 },
  ] as const) {
    await registry.append(await registry.resolve(run), event);
  }
}

it.each(['last', runId, runId.slice(0, 12)])(
  'a run of a fleet is reported by %s, with its log and the attempts of its failed shards',
  async (reference) => {
    await submitted(true);
    const { exitCode, stdout } = await harness.shardmill(`report ${reference} --json`);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'failed',
      error: { code: 'ENGINE_OUT_OF_MEMORY' },
      submission: { submittedBy: 'ann@laptop', key: 'churn of today', schedule: null },
      retried: {
        shards: 1,
        list: [{ shard: 0, outcome: 'failed', round: 0, attempts: failure.story }],
      },
      events: [
        { what: 'submitted', detail: 'by ann@laptop, with priority 50' },
        { what: 'planned' },
        {
          what: 'failed',
          detail: '1 shard failed for good; ENGINE_OUT_OF_MEMORY: there is no room',
        },
      ],
    });
  },
);

it('a run of a fleet that has no plan has nothing to report, and says where to look', async () => {
  await submitted(false);
  const { exitCode, stdout } = await harness.shardmill('report last --json');
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout).error).toMatchObject({
    code: 'RUN_STATE',
    message: `run ${runId} is "submitted" and has no plan`,
    remedy: expect.stringContaining(`shardmill status ${runId}`),
  });
});
