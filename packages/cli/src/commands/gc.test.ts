import path from 'node:path';
import { FileStore } from '@shardmill/core';
import { parseJob } from '@shardmill/core/schemas';
import { RunRegistry } from '@shardmill/scheduler';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandLineHarness, unwrapped } from '../testing/command-line-harness.js';

const DAY_MS = 86_400_000;
let harness: CommandLineHarness;
beforeEach(async () => {
  harness = await CommandLineHarness.open();
});
afterEach(() => harness.close());

/** Submits and cancels a run, so many days ago. */
async function cancelledRun(run: string, daysAgo: number): Promise<void> {
  const registry = new RunRegistry(new FileStore(path.join(harness.root, '.shardmill/state')));
  const at = new Date(Date.now() - daysAgo * DAY_MS);
  await registry.submit({
    run,
    submittedAt: at.toISOString(),
    key: null,
    job: parseJob(
      {
        name: 'old',
        input: { uri: '/in' },
        model: { uri: '/model.onnx' },
        output: { uri: path.join(harness.root, 'out'), columns: { a: 'a' } },
      },
      'job.json',
    ),
    jobFile: '/job.json',
    params: {},
    priority: 50,
    failFast: false,
    submittedBy: 'ann@laptop',
  });
  const cancelling = await registry.cancel(run, 'ann@laptop', at);
  await registry.append(cancelling, { kind: 'cancelled', at: at.toISOString() });
}

const runs = async (): Promise<string[]> =>
  JSON.parse((await harness.shardmill('runs --json')).stdout).map(
    (one: { run: string }) => one.run,
  );

describe('gc', () => {
  it('deletes the log of runs that ended long ago, and keeps the others', async () => {
    await cancelledRun('20260101T000000Z-00000001', 40);
    await cancelledRun('20260201T000000Z-00000002', 5);
    const dry = await harness.shardmill('gc --dry-run');
    expect(dry.stdout).toMatch(/^would delete \d+ objects, the logs of 1 run\n {2}20260101T/);
    expect(await runs()).toEqual(['20260201T000000Z-00000002', '20260101T000000Z-00000001']);
    const { stdout } = await harness.shardmill('gc');
    expect(stdout).toMatch(/^✓ deleted \d+ objects, the logs of 1 run\n {2}20260101T/);
    expect(await runs()).toEqual(['20260201T000000Z-00000002']);
    expect((await harness.shardmill('gc --older-than 2d')).stdout).toContain('20260201T');
    expect((await harness.shardmill('gc')).stdout).toBe('nothing to delete\n');
  });

  it('refuses what is too young', async () => {
    const { exitCode, stderr } = await harness.shardmill('gc --older-than 5m');
    expect(exitCode).toBe(2);
    expect(unwrapped(stderr)).toContain('Expected a time from 1h');
  });
});
