import type { JobDefinition } from '@shardmill/core';
import { loadJob } from '@shardmill/client/jobs';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { refusalOf } from '../support/command.js';
import { useWorkplace } from '../support/workplace.js';

// Numbers for which a machine has no memory, a timer no bits and a number no digits.

vi.setConfig({ testTimeout: 60_000 });
const place = useWorkplace('file');
beforeAll(() => place.prepare({ rows: 100 }));

const IN_A_JOB: readonly Partial<JobDefinition>[] = [
  { errors: { partTimeout: '600h' } },
  { errors: { partTimeout: '0ms' } },
  { resources: { threadsPerLane: 1e8 } },
  { resources: { lanes: 1e6 } },
  { resources: { batchRows: 1e15 } },
  { resources: { memoryLimit: '0.1KB' } },
  { plan: { partRows: 1e18 } },
  { input: { uri: 'data', maxFooter: '2G' } },
];

describe('a job is refused with the range', () => {
  test.each(IN_A_JOB)('%j', async (change) => {
    const thrown = await loadJob(await place.writeJob(change), place.path()).catch(
      (error: unknown) => error,
    );
    expect(thrown).toMatchObject({
      code: 'JOB_INVALID',
      message: expect.stringMatching(/expected a .* from "?\d.* to "?\d.*found/),
    });
  });

  test('by the program, too', async () => {
    await place.writeJob({ resources: { batchRows: 1e15 } });
    const refusal = refusalOf(await place.shardmill('run', 'job.json', '--json'));
    expect(refusal.code).toBe('JOB_INVALID');
  });
});

describe('a command is refused with the range', () => {
  test.each([
    ['--batch-rows', '1000000000000000'],
    ['--threads-per-lane', '100000000'],
    ['--lanes', '1000000'],
    ['--engines', '1000000'],
    ['--memory-limit', '1'],
    ['--max-rejected-rows', '101%'],
  ])('%s %s', async (option, value) => {
    await place.writeJob({});
    const { code, stderr, stdout } = await place.shardmill('run', 'job.json', option, value);
    expect(code).toBe(2);
    expect(stderr + stdout).toMatch(/Expected a [^;]*\d[^;]*(to|digits)[^;]*;\s+found\s+"/s);
  });
});

test('a time of 24 days is one', async () => {
  await place.writeJob({ errors: { partTimeout: '576h' } });
  const ended = await place.shardmill('run', 'job.json', '--json', '--max-rejected-rows', '100%');
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
});
