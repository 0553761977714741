import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JobDefinition } from '@shardmill/core';
import { boostedTrees, logisticRegression } from '@shardmill/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, refusalOf, runOf } from '../support/command.js';
import { roomPerRow } from '../support/models.js';
import { softwareDevice } from '../support/software-device.js';
import { useWorkplace } from '../support/workplace.js';

const place = useWorkplace();

/** For WebGPU, the only provider beside the CPU's that can be used without hardware. */
let device: Record<string, string> = {};
let library = '';
beforeAll(async () => {
  library = await mkdtemp(path.join(tmpdir(), 'shardmill-device-'));
  device = await softwareDevice(library);
});
afterAll(() => rm(library, { recursive: true, force: true }));

const run = (script = ''): Promise<Ended> =>
  place.startIn(`${script} exec "$@"`, 'run', 'job.json', '--json', '--engines', '1').ended;
const runOnDevice = (): Promise<Ended> =>
  run(
    Object.entries(device)
      .map(([name, value]) => `export ${name}='${value}';`)
      .join(' '),
  );

const MIB = 2 ** 20;

/** A job that takes so much room for each row; `call_rows` says how many a call had. */
function roomJob(resources: JobDefinition['resources'], columns = {}): Partial<JobDefinition> {
  return {
    features: { x: 'id' },
    resources,
    errors: { attempts: 1 },
    output: {
      uri: 'out',
      columns: { id: 'id', score: 'score', call_rows: 'call_rows', ...columns },
    },
  };
}

/** Rows of the largest call, once it is clear that every row has its own score. */
async function largestCall(rows: number, out = 'out'): Promise<unknown> {
  const [result] = await place.sql(`SELECT count(*) AS n, count(DISTINCT id) AS ids,
    sum((score = id)::INT) AS right, max(call_rows) AS call_rows
    FROM read_parquet('${place.path(out)}/*.parquet')`);
  expect(result).toMatchObject({ n: rows, ids: rows, right: rows });
  return result?.['call_rows'];
}

async function rememberedFile(): Promise<string> {
  const folder = place.path('.cache', 'shardmill', 'batch-sizes');
  const [name, ...others] = await readdir(folder);
  expect(others).toEqual([]);
  return path.join(folder, name ?? '');
}

describe('a job for a device', () => {
  it('runs there, with the scores of the CPU', async () => {
    const model = logisticRegression({ features: 3 });
    await place.prepare({
      rows: 5000,
      model,
      job: { resources: { executionProviders: ['webgpu'] } },
    });
    const ended = await runOnDevice();
    expect(runOf(ended).rows).toMatchObject({ scored: 5000, rejected: 0 });
    expect(ended.stderr).not.toContain('webgpu');
    await place.writeJob({ output: { uri: 'cpu', columns: { id: 'id', score: 'score' } } });
    runOf(await run());
    const [difference] = await place.sql(`SELECT count(*) AS n, max(abs(a.score - b.score)) AS most
      FROM read_parquet('${place.path('out')}/*.parquet') a
      JOIN read_parquet('${place.path('cpu')}/*.parquet') b USING (id)`);
    expect(difference?.['n']).toBe(5000);
    expect(difference?.['most']).toBeLessThan(1e-5);
  });

  it('reports that the device leaves some of the model to the CPU', async () => {
    const model = boostedTrees({ features: 3, trees: 5, depth: 3 });
    const job = { resources: { executionProviders: ['webgpu' as const] } };
    await place.prepare({ rows: 100, model, job });
    const ended = await runOnDevice();
    expect(runOf(ended).rows.scored).toBe(100);
    expect(ended.stderr).toContain("webgpu leaves some of the model's operators to the CPU");
  });

  it('has its batches cut where there is no room on it; the next process starts with that size', async () => {
    const model = roomPerRow({ floats: 4 * MIB });
    const resources = { executionProviders: ['webgpu' as const], batchRows: 80 };
    await place.prepare({ rows: 80, model, job: roomJob(resources) });
    expect(runOf(await runOnDevice()).rows).toMatchObject({ scored: 80, rejected: 0 });
    const rows = await largestCall(80);
    // 64 rows are all that one piece of its memory can be.
    expect(rows).toBeLessThan(64);
    expect(rows).toBeGreaterThanOrEqual(5);

    const file = await rememberedFile();
    const remembered: object = JSON.parse(await readFile(file, 'utf8'));
    expect(remembered).toMatchObject({ provider: 'webgpu', safeRows: rows });
    await writeFile(file, JSON.stringify({ ...remembered, safeRows: 4 }));
    await rm(place.path('out'), { recursive: true });
    runOf(await runOnDevice());
    expect(await largestCall(80)).toBe(4);
  }, 180_000);

  it('fails where the device has no room for one row', async () => {
    const model = roomPerRow({ floats: 512 * MIB });
    const resources = { executionProviders: ['webgpu' as const], batchRows: 64 };
    await place.prepare({ rows: 100, model, job: roomJob(resources) });
    const refusal = refusalOf(await runOnDevice());
    expect(refusal).toMatchObject({ code: 'DEVICE_OUT_OF_MEMORY', exitCode: 1 });
    expect(refusal.message).toContain('one row does not fit: WebGPU validation failed');
  });
});

describe('a job whose provider is missing', () => {
  const foreign = process.platform === 'win32' ? 'coreml' : 'dml';

  it('fails at once, with what ONNX Runtime says and what to do', async () => {
    await place.prepare({ job: { resources: { executionProviders: [foreign] } } });
    const refusal = refusalOf(await run());
    expect(refusal).toMatchObject({ code: 'PROVIDER_MISSING', exitCode: 2 });
    expect(refusal.message).toContain(`${foreign}: not a provider of ONNX Runtime`);
    expect(refusal.remedy).toContain(`executionProviders: ['${foreign}', 'cpu']`);
    expect((await readdir(place.path('out'))).filter((name) => name.startsWith('part-'))).toEqual(
      [],
    );
  });

  it('runs on the one that it names next, and says so', async () => {
    await place.prepare({ job: { resources: { executionProviders: [foreign, 'cpu'] } } });
    const ended = await run();
    expect(runOf(ended).rows.scored).toBe(100);
    expect(ended.stderr).toContain(`${foreign} cannot be used, cpu is instead: not a provider`);
  });
});

describe('a batch for which there is no memory on the CPU', () => {
  it('is cut, and no row is rejected', async () => {
    await place.prepare({
      rows: 320,
      model: roomPerRow({ floats: 3 * MIB }),
      job: roomJob({ batchRows: 320, lanes: 1 }),
    });
    // The batch takes 3.75 GiB, half of it 1.9, and the rest of the process about 1.5. For the half ONNX
    // Runtime takes nine tenths of 4 GiB, if there is as much: the limit leaves some room beside that.
    const ended = await run(`ulimit -v ${Math.round(6.3 * MIB)};`);
    expect(runOf(ended).rows).toMatchObject({ scored: 320, rejected: 0 });
    expect(await largestCall(320)).toBe(160);
  });
});
