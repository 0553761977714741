import { describe, expect, it } from 'vitest';
import { jobJsonSchema } from './job-schema.js';
import { parseJob } from './parse-job.js';

const job = {
  name: 'a',
  input: { uri: 'data' },
  model: { uri: 'm.onnx' },
  features: { x: 'a' },
  output: { uri: 'out', columns: { id: 'id' } },
};

/** Paths of the keys that hold numbers, or texts that begin with one, in the published schema. */
function numericKeys(schema: unknown, path: readonly string[] = []): string[][] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { type, pattern, anyOf, properties } = schema as Record<string, unknown>;
  const isUnit = typeof pattern === 'string' && pattern.includes('\\d+(\\.\\d+)?');
  if (type === 'integer' || type === 'number' || isUnit) return [[...path]];
  const branches = Array.isArray(anyOf) ? anyOf.flatMap((one) => numericKeys(one, path)) : [];
  const below = Object.entries(Object(properties)).flatMap(([key, value]) =>
    numericKeys(value, [...path, key]),
  );
  return [...branches, ...below];
}

const keys = [
  ...new Set(numericKeys(jobJsonSchema()).map((path) => path.join('.'))),
  'features.x.width',
];

/** The job with one value at a path. */
function withValue(path: string, value: unknown): unknown {
  const copy: Record<string, unknown> = structuredClone(job);
  if (path.startsWith('features.')) return { ...copy, features: { x: { sql: 'a', width: value } } };
  let group = copy;
  const names = path.split('.');
  for (const name of names.slice(0, -1)) {
    group[name] ??= {};
    group = group[name] as Record<string, unknown>;
  }
  group[names.at(-1) ?? ''] = value;
  return copy;
}

const ABSURD: readonly unknown[] = [
  -1,
  -1e15,
  0.5,
  1e300,
  2 ** 53,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '1e15',
  '-1s',
  'NaN',
  `${'9'.repeat(400)}h`,
  `${'9'.repeat(400)}%`,
  `${'9'.repeat(400)}GiB`,
  '9'.repeat(400),
];

describe('every number of a job definition', () => {
  it('is among those that are tested', () => {
    expect(keys.toSorted()).toEqual([
      'drift.metrics.chi2',
      'drift.metrics.js',
      'drift.metrics.ks',
      'drift.metrics.psi',
      'drift.metrics.wasserstein',
      'errors.attempts',
      'errors.diskFullWait',
      'errors.maxRejectedRows',
      'errors.partTimeout',
      'features.x.width',
      'input.maxFooter',
      'input.version',
      'input.waitFor.every',
      'input.waitFor.files',
      'input.waitFor.rows',
      'input.waitFor.timeout',
      'input.waitFor.unchangedFor',
      'limits.maxCost',
      'limits.maxDuration',
      'model.batching.rows',
      'output.rowGroupRows',
      'output.targetFileBytes',
      'plan.partRows',
      'plan.shardParts',
      'resources.batchRows',
      'resources.batchTokens',
      'resources.lanes',
      'resources.memoryLimit',
      'resources.threadsPerLane',
      'schedule.catchUpLimit',
      'schedule.deadline',
      'schedule.jitter',
      'schedule.retries',
      'schedule.retryDelay',
    ]);
  });

  it.each(keys)('%s is refused beyond its bounds, with both of them and what was found', (key) => {
    for (const value of ABSURD) {
      // An amount of money and a threshold have decimals.
      if (/^(limits\.maxCost|drift\..*)$/.test(key) && value === 0.5) continue;
      // A union of forms says so once for all of them.
      const expected = {
        code: 'JOB_INVALID',
        message: expect.stringMatching(/expected .*\d.* (to|digits).*found|width/s),
      };
      expect(() => parseJob(withValue(key, value), 'job.json'), `${key}: ${String(value)}`).toThrow(
        expect.objectContaining(expected),
      );
    }
  });

  it.each([
    ['errors.partTimeout', '600h', '"1ms" to "576h"'],
    ['errors.partTimeout', '0s', '"1ms" to "576h"'],
    ['resources.threadsPerLane', 1e8, '1 to 1024'],
    ['resources.lanes', 1025, '1 to 1024'],
    ['resources.batchRows', 1e15, '1 to 1048576'],
    ['resources.batchTokens', 2 ** 25, '1 to 16777216'],
    ['resources.memoryLimit', '0%', '"1%" to "100%"'],
    ['resources.memoryLimit', 1, '"1MB" to "1024TiB"'],
    ['input.maxFooter', '2GiB', '"1KiB" to "1GiB"'],
    ['output.targetFileBytes', '5GiB', '"64KiB" to "4GiB"'],
    ['limits.maxDuration', '500ms', '"1s" to "576h"'],
    ['limits.maxCost', 0, 'above 0, up to 1000000000'],
    ['plan.partRows', 1e11, '1 to 10000000000'],
    ['errors.maxRejectedRows', '101%', '"0%" to "100%"'],
  ])('%s: %s names its range', (key, value, range) => {
    expect(() => parseJob(withValue(key, value), 'job.json')).toThrow(range);
  });

  it.each([
    ['errors.partTimeout', '576h'],
    ['errors.partTimeout', '1ms'],
    ['resources.threadsPerLane', 1024],
    ['resources.batchRows', 2 ** 20],
    ['resources.memoryLimit', '100%'],
    ['resources.memoryLimit', 1_000_000],
    ['output.targetFileBytes', 65_536],
    ['errors.maxRejectedRows', Number.MAX_SAFE_INTEGER],
  ])('%s: %s is at its end of the range', (key, value) => {
    parseJob(withValue(key, value), 'job.json');
  });
});
