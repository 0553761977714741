import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KnownCallsKey, readKnownCalls, rememberKnownCalls } from './known-calls.js';

const NOW = new Date('2026-05-04T12:00:00Z');
const KEY: KnownCallsKey = {
  model: 'a'.repeat(64),
  provider: 'cuda',
  device: 'NVIDIA H100',
  lanes: 1,
  threads: 1,
  rowBytes: 256,
  memoryBytes: 0,
};

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-known-calls-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const safeRows = async (key = KEY, now = NOW): Promise<number | undefined> =>
  (await readKnownCalls(folder, key, now)).safeRows;
const remember = (rows: number, now = NOW): Promise<void> =>
  rememberKnownCalls(folder, KEY, { safeRows: rows }, now);

const files = async (): Promise<string[]> => {
  const names = await readdir(path.join(folder, 'batch-sizes'));
  return names.map((name) => path.join(folder, 'batch-sizes', name));
};

describe('the rows for which there was room', () => {
  it('are not known at first', async () => {
    expect(await safeRows()).toBeUndefined();
  });

  it('are remembered for the model on that kind of device, and for no other', async () => {
    await remember(512);
    expect(await safeRows()).toBe(512);
    for (const other of [
      { ...KEY, model: 'b'.repeat(64) },
      { ...KEY, provider: 'tensorrt' as const },
      { ...KEY, device: 'NVIDIA L4' },
      { ...KEY, lanes: 2 },
      { ...KEY, threads: 2 },
      { ...KEY, rowBytes: 512 },
      { ...KEY, memoryBytes: 1 },
      { ...KEY, treeKernel: 'off' as const },
    ]) {
      expect(await safeRows(other)).toBeUndefined();
    }
  });

  it('are read by another process', async () => {
    await remember(512);
    const module = new URL('../../dist/engine/known-calls.js', import.meta.url).href;
    const script = `const { readKnownCalls } = await import(${JSON.stringify(module)});
      console.log(JSON.stringify(await readKnownCalls(${JSON.stringify(folder)}, ${JSON.stringify(KEY)}, new Date(${NOW.getTime()}))));`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    expect(JSON.parse(child.stdout)).toEqual({ safeRows: 512 });
  });

  it('become fewer, and never more', async () => {
    for (const rows of [512, 128, 256]) await remember(rows);
    expect(await safeRows()).toBe(128);
  });

  it('are forgotten after a week, since the device may have more room by then', async () => {
    await remember(128);
    const later = new Date(NOW.getTime() + 7 * 24 * 3600 * 1000);
    expect(await safeRows(KEY, later)).toBeUndefined();
    await remember(1024, later);
    expect(await safeRows(KEY, later)).toBe(1024);
  });

  it('are forgotten after it even where something else is learned every day', async () => {
    await remember(128);
    const day = (n: number): Date => new Date(NOW.getTime() + n * 24 * 3600 * 1000);
    for (let n = 1; n <= 7; n++) {
      await rememberKnownCalls(folder, KEY, { call: { rows: n, callMs: 250, bytes: 0 } }, day(n));
    }
    expect(await readKnownCalls(folder, KEY, day(7))).toEqual({
      call: { rows: 7, callMs: 250, bytes: 0 },
    });
  });

  it('are written whole or not at all', async () => {
    await Promise.all([100, 200, 300, 400].map((rows) => remember(rows)));
    const [only, ...others] = await files();
    expect(others).toEqual([]);
    expect(JSON.parse(await readFile(only ?? '', 'utf8'))).toMatchObject({
      ...KEY,
      safeRowsAt: NOW.toISOString(),
    });
  });

  it.each([
    '',
    '{',
    'null',
    '{"safeRows": 8}',
    'AT"safeRows": 0}',
    'AT"safeRows": "8"}',
    'AT"safeRows": 1.5}',
  ])('are not known where the file holds %s', async (content) => {
    await remember(512);
    const text = content.replace('AT', `{"safeRowsAt": "${NOW.toISOString()}", `);
    await writeFile((await files())[0] ?? '', text);
    expect(await safeRows()).toBeUndefined();
  });

  it('are not worth a failure: a folder that cannot be written is none', async () => {
    const file = path.join(folder, 'file');
    await writeFile(file, '');
    await rememberKnownCalls(file, KEY, { safeRows: 512 }, NOW);
    expect(await readKnownCalls(file, KEY, NOW)).toEqual({});
  });

  it('are kept longer than whether one lane is faster, which other work can decide', async () => {
    await rememberKnownCalls(folder, KEY, { safeRows: 128, oneLane: true }, NOW);
    const after = (hours: number): Date => new Date(NOW.getTime() + hours * 3600 * 1000);
    expect(await readKnownCalls(folder, KEY, after(23))).toEqual({ safeRows: 128, oneLane: true });
    expect(await readKnownCalls(folder, KEY, after(24))).toEqual({ safeRows: 128 });
  });

  it('leave the size that was found beside them, which the latest process reports', async () => {
    const call = { rows: 32, callMs: 250, bytes: 1e6 };
    await rememberKnownCalls(folder, KEY, { call }, NOW);
    await remember(64);
    expect(await readKnownCalls(folder, KEY, NOW)).toEqual({ safeRows: 64, call });
    await rememberKnownCalls(folder, KEY, { call: { ...call, rows: 16 } }, NOW);
    expect(await readKnownCalls(folder, KEY, NOW)).toEqual({
      safeRows: 64,
      call: { ...call, rows: 16 },
    });
  });
});
