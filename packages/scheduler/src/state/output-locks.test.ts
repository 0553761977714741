import { describe, expect, it } from 'vitest';
import { jobOf } from '../testing/job.js';
import { MemoryStore } from '../testing/memory-store.js';
import { requestOf } from '../testing/request.js';
import { OutputLocks } from './output-locks.js';
import { RunRegistry } from './run-registry.js';

const NOW = new Date(0);

async function withRuns(...runs: string[]): Promise<{ registry: RunRegistry; locks: OutputLocks }> {
  const registry = new RunRegistry(new MemoryStore('s3://state'));
  for (const run of runs) await registry.submit(requestOf({ run, job: jobOf() }));
  return { registry, locks: new OutputLocks(registry) };
}

async function end(registry: RunRegistry, run: string): Promise<void> {
  const error = { code: 'SHARDS_FAILED', message: 'm', remedy: 'r' } as const;
  const seen = await registry.resolve(run);
  await registry.append(seen, { kind: 'failed', at: NOW.toISOString(), error, shardsFailed: 1 });
}

const holderOf = (run: string, round = 0, output = '/out') => ({ run, round, output });

describe('an output location', () => {
  it('belongs to one of several runs that want it at the same time', async () => {
    const { locks } = await withRuns('a', 'b', 'c');
    const taken = await Promise.all(
      ['a', 'b', 'c'].map((run) => locks.acquire(holderOf(run), true)),
    );
    expect(new Set(taken.map((holder) => holder?.run)).size).toBe(1);
  });

  it('stays with its run until that has ended its round', async () => {
    const { registry, locks } = await withRuns('a', 'b');
    expect(await locks.acquire(holderOf('a'), true)).toEqual(holderOf('a'));
    expect(await locks.acquire(holderOf('b'), true)).toEqual(holderOf('a'));
    expect(await locks.acquire(holderOf('a'), true)).toEqual(holderOf('a'));
    await end(registry, 'a');
    expect(await locks.acquire(holderOf('b'), true)).toEqual(holderOf('b'));
    // The run that had it before is taken up again, and waits.
    await registry.reopen('a', { by: 'me', now: NOW, of: 'failed' });
    expect(await locks.acquire(holderOf('a', 1), true)).toEqual(holderOf('b'));
    await end(registry, 'b');
    expect(await locks.acquire(holderOf('a', 1), true)).toEqual(holderOf('a', 1));
  });

  it('is not taken by a run that only checks', async () => {
    const { locks } = await withRuns('a', 'b');
    expect(await locks.acquire(holderOf('b'), false)).toBeUndefined();
    expect(await locks.acquire(holderOf('a'), true)).toEqual(holderOf('a'));
    expect(await locks.acquire(holderOf('b'), false)).toEqual(holderOf('a'));
  });

  it('has nothing to do with another one', async () => {
    const { locks } = await withRuns('a', 'b');
    await locks.acquire(holderOf('a'), true);
    expect(await locks.acquire(holderOf('b', 0, '/other'), true)).toEqual(
      holderOf('b', 0, '/other'),
    );
  });

  it('is free where the log of its run is gone', async () => {
    const { locks } = await withRuns('b');
    await locks.acquire(holderOf('gone'), true);
    expect(await locks.acquire(holderOf('b'), true)).toEqual(holderOf('b'));
  });
});
