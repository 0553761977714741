import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineProcess } from '../../dist/index.js';
import { engineDeath } from './engine-death.js';
import { countOomKills } from './oom-kills.js';

const END = { code: null, signal: null, said: '', oomKill: false };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shardmill-oom-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The error of an engine that another process ends, while the system counts these OOM kills. */
async function deathByKill(signal: NodeJS.Signals, counts: (number | undefined)[]) {
  const engine = EngineProcess.start({}, () => counts.shift());
  try {
    const asked = engine.inspectProviders();
    process.kill(engine.pid ?? 0, signal);
    return await asked.then(
      () => undefined,
      () => engine.death?.code,
    );
  } finally {
    await engine.close();
  }
}

describe('the end of an engine', () => {
  it('is for want of memory where an allocation failed', () => {
    const said = "terminate called after throwing an instance of 'std::bad_alloc'";
    expect(engineDeath({ ...END, signal: 'SIGABRT', said }).code).toBe('ENGINE_OUT_OF_MEMORY');
    expect(engineDeath({ ...END, code: 134, said: 'JavaScript heap out of memory' }).code).toBe(
      'ENGINE_OUT_OF_MEMORY',
    );
  });

  it('is for want of memory where the system killed it for that, and a crash otherwise', async () => {
    expect(await deathByKill('SIGKILL', [3, 4])).toBe('ENGINE_OUT_OF_MEMORY');
    expect(await deathByKill('SIGKILL', [3, 3])).toBe('ENGINE_CRASHED');
    expect(await deathByKill('SIGKILL', [undefined, undefined])).toBe('ENGINE_CRASHED');
    expect(await deathByKill('SIGSEGV', [3, 4])).toBe('ENGINE_CRASHED');
  });

  it('is held against the tokenizer where that gave up, and says which one', () => {
    const said = [
      "thread '<unnamed>' (15561) panicked at /cargo/registry/src/onig-6.5.1/src/lib.rs:647:23:",
      'Onig: Regex search error: retry-limit-in-match over',
      'fatal runtime error: failed to initiate panic, error 5, aborting',
    ].join('\n');
    const end = { ...END, signal: 'SIGABRT' as const, said };
    expect(engineDeath({ ...end, tokenizer: '/jobs/tokenizer.json' }).toRecord()).toMatchObject({
      code: 'TOKENIZER_FAILED',
      where: '/jobs/tokenizer.json',
      message: expect.stringContaining('retry-limit-in-match over'),
      remedy: expect.stringContaining('backtracks without end over a text'),
    });
    expect(engineDeath(end).code).toBe('ENGINE_CRASHED');
    const noRoom = 'memory allocation of 34359738368 bytes failed';
    expect(engineDeath({ ...end, said: noRoom, tokenizer: '/t.json' }).code).toBe(
      'ENGINE_OUT_OF_MEMORY',
    );
  });

  it('says what to do about it', () => {
    expect(engineDeath({ ...END, signal: 'SIGKILL', oomKill: true }).toRecord()).toMatchObject({
      message: expect.stringContaining('the system killed the engine process'),
      remedy: expect.stringContaining('memoryLimit'),
    });
    expect(engineDeath({ ...END, code: 7, said: 'oh' }).message).toContain(
      'exit code 7; it said: oh',
    );
  });
});

describe('the OOM kills of the system', () => {
  it('are counted by Linux', async () => {
    const file = path.join(folder, 'vmstat');
    await writeFile(file, 'nr_free_pages 81\noom_kill 12\nnuma_hit 5\n');
    expect(countOomKills(file)).toBe(12);
  });

  it('are not known where it does not say', async () => {
    const file = path.join(folder, 'other');
    await writeFile(file, 'nr_free_pages 81\n');
    expect(countOomKills(file)).toBeUndefined();
    expect(countOomKills(path.join(folder, 'none'))).toBeUndefined();
  });
});
