import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encodeModel } from '@shardmill/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineProcess } from '../../dist/index.js';
import { residentBytes } from '../engine-process/resident-memory.js';

const MIB = 2 ** 20;
const WEIGHTS_MIB = 64;

let folder = '';
let engine: EngineProcess;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-model-host-'));
  engine = EngineProcess.start();
});
afterEach(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

/** A model of so much memory; each name is another one. */
async function writeModel(name: string): Promise<string> {
  const [rows, columns] = [WEIGHTS_MIB, MIB / 4];
  const model = encodeModel({
    graph: {
      name,
      inputs: [{ name: 'x', type: 'float32', shape: ['N', rows] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['N', columns] }],
      nodes: [{ op: 'MatMul', inputs: ['x', 'weights'], outputs: ['y'] }],
      initializers: [
        {
          name: 'weights',
          type: 'float32',
          shape: [rows, columns],
          data: new Float32Array(rows * columns).fill(0.5),
        },
      ],
    },
  });
  const file = path.join(folder, `${name}.onnx`);
  await writeFile(file, model);
  return file;
}

async function residentMib(): Promise<number> {
  return ((await residentBytes(engine.pid ?? 0)) ?? 0) / MIB;
}

describe('the model of an engine process', () => {
  it('makes room for the next one: the lanes of the last one do not stay', async () => {
    await engine.inspectModel(await writeModel('first'));
    const one = await residentMib();
    expect(one).toBeGreaterThan(WEIGHTS_MIB);
    for (const name of ['second', 'third', 'fourth']) {
      await engine.inspectModel(await writeModel(name));
    }
    // What reading a file leaves to the garbage collector is about one model's worth.
    expect((await residentMib()) - one).toBeLessThan(2 * WEIGHTS_MIB);
  });

  it('can be inspected after it was repaired', async () => {
    const file = path.join(folder, 'model.onnx');
    await writeFile(file, 'not a model');
    await expect(engine.inspectModel(file)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    await expect(engine.inspectModel(await writeModel('model'))).resolves.toMatchObject({
      outputs: [{ name: 'y' }],
    });
  });
});

describe('the execution providers of this machine', () => {
  it('are reported with why each cannot be used, and the CPU can', async () => {
    const providers = await engine.inspectProviders();
    expect(providers).toContainEqual({ provider: 'cpu', reason: null });
    for (const { provider, reason } of providers) {
      if (provider !== 'cpu') expect(reason === null || reason.length > 10).toBe(true);
    }
  });
});
