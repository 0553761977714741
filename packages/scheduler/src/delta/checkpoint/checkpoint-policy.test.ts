import { expect, it } from 'vitest';
import { checkpointPolicy, isDue } from './checkpoint-policy.js';

const DAY_MS = 24 * 3_600_000;

function policyOf(configuration: Record<string, string>, writerFeatures?: string[]) {
  return checkpointPolicy({
    protocol: { minReaderVersion: 1, minWriterVersion: 2, writerFeatures },
    metadata: {
      id: 'x',
      format: { provider: 'parquet' },
      schemaString: '',
      partitionColumns: [],
      configuration,
    },
  });
}

it('is a checkpoint every ten commits, with files that were removed within a week', () => {
  const policy = policyOf({});
  expect(policy).toEqual({
    interval: 10,
    removedMs: 7 * DAY_MS,
    transactionsMs: Number.POSITIVE_INFINITY,
  });
  const due = (version: number) => policy !== undefined && isDue(policy, version);
  expect([0, 1, 9, 10, 11, 20].map(due)).toEqual([false, false, false, true, false, true]);
});

it('is what the properties of the table say', () => {
  expect(
    policyOf({
      'delta.checkpointInterval': '3',
      'delta.deletedFileRetentionDuration': 'interval 1 week 12 hours',
      'delta.setTransactionRetentionDuration': 'INTERVAL 30 DAYS',
    }),
  ).toEqual({ interval: 3, removedMs: 7.5 * DAY_MS, transactionsMs: 30 * DAY_MS });
});

it.each(['interval 1 month', 'P7D', 'never', ''])('keeps all removed files for %j', (text) => {
  expect(policyOf({ 'delta.deletedFileRetentionDuration': text })?.removedMs).toBe(
    Number.POSITIVE_INFINITY,
  );
});

it.each<[Record<string, string>, string[]?]>([
  [{}, ['v2Checkpoint']],
  [{ 'delta.checkpointPolicy': 'v2' }],
  [{ 'delta.checkpoint.writeStatsAsStruct': 'true' }],
  [{ 'delta.checkpoint.writeStatsAsJson': 'false' }],
  [{ 'delta.checkpointInterval': '0' }],
  [{ 'delta.checkpointInterval': 'often' }],
])('is none for %j %j', (configuration, features) => {
  expect(policyOf(configuration, features)).toBeUndefined();
});
