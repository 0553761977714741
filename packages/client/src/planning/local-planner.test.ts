import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Stores } from '@shardmill/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
// As it is built: its process is started from there.
import { listHere } from '../../dist/planning/local-planner.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-local-planner-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const list = (uri: string, timeoutMs: number, signal?: AbortSignal) =>
  listHere(
    { stores: new Stores(), uri, base: folder, hivePartitioning: true },
    { limits: { timeoutMs, memoryLimitBytes: 2 ** 32 }, signal },
  );

describe('an input that is listed on this machine', () => {
  it('has the same files in a process of its own', async () => {
    for (const name of ['b', 'a']) await writeFile(path.join(folder, `${name}.parquet`), 'PAR1');
    const here = await list('.', 60_000);
    const there = await list('[ab].parquet', 60_000);
    expect(there.files.map(({ uri }) => path.basename(uri))).toEqual(['a.parquet', 'b.parquet']);
    expect(there.files).toEqual(here.files);
    await expect(list('[cd].parquet', 60_000)).rejects.toMatchObject({ code: 'INPUT_NOT_FOUND' });
  });

  it('keeps this process free while a pattern is matched', async () => {
    // Seconds, for a name of so many letters and so many stars.
    await writeFile(path.join(folder, `${'a'.repeat(110)}.parquet`), '');
    const before = process.cpuUsage();
    await expect(list(`${'*a'.repeat(5)}*b`, 1500)).rejects.toMatchObject({ code: 'PLAN_TIMEOUT' });
    const { user } = process.cpuUsage(before);
    expect(user / 1e6).toBeLessThan(1);
  });

  it('is not listed any more when nobody wants it', async () => {
    await writeFile(path.join(folder, `${'a'.repeat(200)}.parquet`), '');
    const signal = AbortSignal.timeout(500);
    await expect(list(`${'*a'.repeat(30)}*b`, 60_000, signal)).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
  });
});
