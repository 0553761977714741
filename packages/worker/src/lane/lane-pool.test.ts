import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { identity, sumColumns } from '@shardmill/test-kit';
import { afterEach, beforeEach, expect, it } from 'vitest';
// Compiled: its threads are started from files.
import { LanePool } from '../../dist/lane/lane-pool.js';
import { giveThread, takeThread } from '../../dist/lane/lane-thread.js';

const OPTIONS = { threads: 1, providers: ['cpu'] } as const;

let folder = '';
const pools: LanePool[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-lane-pool-'));
});
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
  await rm(folder, { recursive: true, force: true });
});

function newPool(): LanePool {
  const pool = new LanePool();
  pools.push(pool);
  return pool;
}

async function writeModel(name: string, model: Uint8Array): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, model);
  return file;
}

/** What a lane makes of a row for each of the inputs. */
async function scoreOne(pool: LanePool, inputs: readonly string[], output: string) {
  const feeds = inputs.map((name, index) => ({
    name,
    type: 'float32' as const,
    rowShape: [1],
    width: 1,
    data: Float32Array.of(index + 2),
  }));
  const { result } = await pool.submit({ rows: 1, feeds, outputs: [output], reuse: () => {} });
  const { outputs } = await result;
  return [...(outputs[0]?.data ?? [])];
}

it('gives the threads of its lanes to the next ones of any pool, and can have lanes again', async () => {
  const doubled = await writeModel('sum.onnx', sumColumns({ names: ['a', 'b'] }));
  const same = await writeModel('identity.onnx', identity({ type: 'float32' }));
  const [first, second] = [newPool(), newPool()];
  await first.addLane(doubled, OPTIONS);
  expect(await scoreOne(first, ['a', 'b'], 'sum')).toEqual([5]);

  await first.giveLanes();
  expect(first.size).toBe(0);
  const given = takeThread();
  giveThread(given);
  // Messages to the pool that it was of would be lost.
  expect(given.listenerCount('message')).toBe(0);

  await second.addLane(same, OPTIONS);
  expect(given.listenerCount('message')).toBe(1);
  expect(await scoreOne(second, ['x'], 'y')).toEqual([2]);

  await first.addLane(doubled, OPTIONS);
  expect(await scoreOne(first, ['a', 'b'], 'sum')).toEqual([5]);
  expect(await scoreOne(second, ['x'], 'y')).toEqual([2]);
});
