import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { manifestKey, planKey } from '@shardmill/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandLineHarness, unwrapped } from '../testing/command-line-harness.js';
import { sampleManifest, samplePlan } from '../testing/samples.js';

let harness: CommandLineHarness;
beforeEach(async () => {
  harness = await CommandLineHarness.open();
});
afterEach(() => harness.close());

describe('inspect', () => {
  async function finishedRun(withManifest: boolean): Promise<void> {
    const output = path.join(harness.root, 'out');
    const folder = path.join(output, path.dirname(planKey(samplePlan.runId)));
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(output, planKey(samplePlan.runId)), JSON.stringify(samplePlan));
    if (!withManifest) return;
    const manifest = path.join(output, manifestKey(samplePlan.runId));
    await writeFile(manifest, JSON.stringify(sampleManifest));
  }

  it('shows a finished run by its output folder or its manifest', async () => {
    await finishedRun(true);
    const manifest = `out/${manifestKey(samplePlan.runId)}`;
    for (const target of ['out', manifest]) {
      const { stdout } = await harness.shardmill(`inspect ${target}`);
      expect(stdout).toContain('7,043 read = 7,032 scored + 11 rejected + 0 filtered');
      expect(stdout).toContain('mean 0.2653');
    }
    expect(JSON.parse((await harness.shardmill('inspect out --json')).stdout)).toMatchObject({
      kind: 'run',
      manifest: sampleManifest,
    });
  });

  it('shows how far an unfinished run has come', async () => {
    await finishedRun(false);
    const { stdout } = await harness.shardmill('inspect out');
    expect(stdout).toContain('not finished');
    expect(stdout).toContain('0 of 1 written');
  });

  it('proposes the run that was meant', async () => {
    await finishedRun(true);
    const { exitCode, stderr } = await harness.shardmill(`inspect out --run ${samplePlan.runId}0`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(samplePlan.runId);
  });

  it('distinguishes a model, Parquet, and what is not there', async () => {
    await writeFile(path.join(harness.root, 'model.onnx'), 'x');
    await writeFile(path.join(harness.root, 'data'), 'PAR1…');
    expect((await harness.shardmill('inspect model.onnx')).stdout).toMatch(
      /tenure\s+float32\s+\[N, 1\]/,
    );
    const { stdout } = await harness.shardmill('inspect data');
    expect(stdout).toContain('7,043 rows, 4 row groups, 3 columns, 206 kB, snappy');
    expect(stdout).toMatch(/partitions\s+ds/);
    expect(stdout).toMatch(/tenure\s+INTEGER\s+100 B\s+0\s+0\s+72/);
    const { exitCode, stderr } = await harness.shardmill('inspect modle.onnx');
    expect(exitCode).toBe(2);
    expect(unwrapped(stderr)).toContain('Did you mean "model.onnx"?');
  });
});
