import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSafeRows, rememberSafeRows, type SafeRowsKey } from './safe-rows.js';

const NOW = new Date('2026-05-04T12:00:00Z');
const KEY: SafeRowsKey = { model: 'a'.repeat(64), provider: 'cuda', device: 'NVIDIA H100' };

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-safe-rows-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const files = async (): Promise<string[]> => {
  const names = await readdir(path.join(folder, 'batch-sizes'));
  return names.map((name) => path.join(folder, 'batch-sizes', name));
};

describe('the rows for which there was room', () => {
  it('are not known at first', async () => {
    expect(await readSafeRows(folder, KEY, NOW)).toBeUndefined();
  });

  it('are remembered for the model on that kind of device, and for no other', async () => {
    await rememberSafeRows(folder, KEY, 512, NOW);
    expect(await readSafeRows(folder, KEY, NOW)).toBe(512);
    for (const other of [
      { ...KEY, model: 'b'.repeat(64) },
      { ...KEY, provider: 'tensorrt' as const },
      { ...KEY, device: 'NVIDIA L4' },
    ]) {
      expect(await readSafeRows(folder, other, NOW)).toBeUndefined();
    }
  });

  it('are read by another process', async () => {
    await rememberSafeRows(folder, KEY, 512, NOW);
    const module = new URL('../../dist/engine/safe-rows.js', import.meta.url).href;
    const script = `const { readSafeRows } = await import(${JSON.stringify(module)});
      console.log(await readSafeRows(${JSON.stringify(folder)}, ${JSON.stringify(KEY)}, new Date(${NOW.getTime()})));`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    expect(child.stdout.trim()).toBe('512');
  });

  it('become fewer, and never more', async () => {
    for (const rows of [512, 128, 256]) await rememberSafeRows(folder, KEY, rows, NOW);
    expect(await readSafeRows(folder, KEY, NOW)).toBe(128);
  });

  it('are forgotten after a week, since the device may have more room by then', async () => {
    await rememberSafeRows(folder, KEY, 128, NOW);
    const later = new Date(NOW.getTime() + 7 * 24 * 3600 * 1000);
    expect(await readSafeRows(folder, KEY, later)).toBeUndefined();
    await rememberSafeRows(folder, KEY, 1024, later);
    expect(await readSafeRows(folder, KEY, later)).toBe(1024);
  });

  it('are written whole or not at all', async () => {
    await Promise.all([100, 200, 300, 400].map((rows) => rememberSafeRows(folder, KEY, rows, NOW)));
    const [only, ...others] = await files();
    expect(others).toEqual([]);
    expect(JSON.parse(await readFile(only ?? '', 'utf8'))).toMatchObject({
      ...KEY,
      at: NOW.toISOString(),
    });
  });

  it.each(['', '{', '{"rows": 0}', '{"rows": "8"}', '{"rows": 1.5}', 'null', '{"rows": 8}'])(
    'are not known where the file holds %s',
    async (content) => {
      await rememberSafeRows(folder, KEY, 512, NOW);
      await writeFile((await files())[0] ?? '', content);
      expect(await readSafeRows(folder, KEY, NOW)).toBeUndefined();
    },
  );

  it('are not worth a failure: a folder that cannot be written is none', async () => {
    const file = path.join(folder, 'file');
    await writeFile(file, '');
    await rememberSafeRows(file, KEY, 512, NOW);
    expect(await readSafeRows(file, KEY, NOW)).toBeUndefined();
  });
});
