import { ShardmillError } from '@shardmill/core';
import { parseJob } from '@shardmill/core/schemas';
import { openLineageFaults, ReceiverServer } from '@shardmill/test-kit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LocalRunOptions, RunEvents } from './run-types.js';
import { withLineage } from './with-lineage.js';

const job = parseJob(
  {
    name: 'j',
    input: { uri: 'a' },
    model: { uri: 'm' },
    output: { uri: 'o', columns: { y: 'y' } },
  },
  'job.yaml',
);

let server: ReceiverServer;
let notices: string[];

beforeEach(async () => {
  server = await ReceiverServer.start();
  notices = [];
});
afterEach(() => server.close());

const events: RunEvents = {
  planned: () => {},
  progress: () => {},
  notice: (message) => notices.push(message),
};

/** A run that ends with an error. */
async function failing(
  error: ShardmillError,
  { env = {}, ...change }: Partial<LocalRunOptions> & { env?: Record<string, string> } = {},
): Promise<void> {
  const options = { job, jobFile: '/jobs/job.yaml', params: {}, ...change };
  const lineage = { target: { url: new URL(server.url()) }, namespace: 'default', env };
  const { signal } = new AbortController();
  const run = withLineage({ ...options, signal }, lineage, events, async () => {
    throw error;
  });
  await expect(run).rejects.toBe(error);
}

const sent = () => server.received.map(({ body }) => JSON.parse(body));

it.each([
  ['SHARDS_FAILED', 'FAIL'],
  ['INTERRUPTED', 'ABORT'],
  ['RUN_SKIPPED', 'ABORT'],
] as const)('a run that ends with %s is the event %s', async (code, eventType) => {
  await failing(new ShardmillError(code, 'why'));
  expect(sent()).toMatchObject([{ eventType: 'START' }, { eventType }]);
  const [start, end] = sent();
  expect(end.run.runId).toBe(start.run.runId);
  expect(end.run.facets.errorMessage.message).toContain(`${code}: why`);
  expect([...openLineageFaults(start), ...openLineageFaults(end)]).toEqual([]);
});

it('a trial has no events', async () => {
  await failing(new ShardmillError('SHARDS_FAILED', 'why'), {
    selection: { kind: 'limit', rows: 3 },
  });
  expect(sent()).toEqual([]);
});

it('a parent that cannot be read is left out, and noticed', async () => {
  const env = { OPENLINEAGE_PARENT_ID: 'airflow/churn' };
  await failing(new ShardmillError('SHARDS_FAILED', 'why'), { env });
  expect(sent()[0].run.facets.parent).toBeUndefined();
  expect(notices).toEqual([expect.stringContaining('OPENLINEAGE_PARENT_ID')]);
});

it('a location that no event can name leaves the error to the run', async () => {
  const output = { ...job.output, uri: 'gs://bucket/out' };
  await failing(new ShardmillError('URI_UNSUPPORTED', 'gs://'), { job: { ...job, output } });
  expect(sent()).toEqual([]);
  expect(notices).toEqual([expect.stringContaining('URI_UNSUPPORTED')]);
});
