import { describe, expect, it } from 'vitest';
import { jobOf } from '../testing/job.js';
import { MemoryStore } from '../testing/memory-store.js';
import { requestOf } from '../testing/request.js';
import { OutputTurns } from './output-turns.js';
import { RunRegistry } from './run-registry.js';

const NOW = new Date(0);

async function withRuns(...runs: string[]): Promise<{ registry: RunRegistry; turns: OutputTurns }> {
  const registry = new RunRegistry(new MemoryStore('s3://state'));
  for (const run of runs) await registry.submit(requestOf({ run, job: jobOf() }));
  return { registry, turns: new OutputTurns(registry) };
}

async function end(registry: RunRegistry, run: string): Promise<void> {
  const error = { code: 'SHARDS_FAILED', message: 'm', remedy: 'r' } as const;
  const seen = await registry.resolve(run);
  await registry.append(seen, { kind: 'failed', at: NOW.toISOString(), error, shardsFailed: 1 });
}

const turnOf = (run: string, round = 0, output = '/out') => ({ run, round, output });

describe('an output location', () => {
  it('belongs to one of several runs that want it at the same time', async () => {
    const { turns } = await withRuns('a', 'b', 'c');
    const taken = await Promise.all(['a', 'b', 'c'].map((run) => turns.take(turnOf(run), true)));
    expect(new Set(taken.map((turn) => turn?.run)).size).toBe(1);
  });

  it('stays with its run until that has ended its round', async () => {
    const { registry, turns } = await withRuns('a', 'b');
    expect(await turns.take(turnOf('a'), true)).toEqual(turnOf('a'));
    expect(await turns.take(turnOf('b'), true)).toEqual(turnOf('a'));
    expect(await turns.take(turnOf('a'), true)).toEqual(turnOf('a'));
    await end(registry, 'a');
    expect(await turns.take(turnOf('b'), true)).toEqual(turnOf('b'));
    // The run that had it before is taken up again, and waits.
    await registry.reopen('a', { by: 'me', now: NOW, of: 'failed' });
    expect(await turns.take(turnOf('a', 1), true)).toEqual(turnOf('b'));
    await end(registry, 'b');
    expect(await turns.take(turnOf('a', 1), true)).toEqual(turnOf('a', 1));
  });

  it('is not taken by whoever only looks', async () => {
    const { turns } = await withRuns('a', 'b');
    expect(await turns.take(turnOf('b'), false)).toBeUndefined();
    expect(await turns.take(turnOf('a'), true)).toEqual(turnOf('a'));
    expect(await turns.take(turnOf('b'), false)).toEqual(turnOf('a'));
  });

  it('has nothing to do with another one', async () => {
    const { turns } = await withRuns('a', 'b');
    await turns.take(turnOf('a'), true);
    expect(await turns.take(turnOf('b', 0, '/other'), true)).toEqual(turnOf('b', 0, '/other'));
  });

  it('is free where the log of its run is gone', async () => {
    const { turns } = await withRuns('b');
    await turns.take(turnOf('gone'), true);
    expect(await turns.take(turnOf('b'), true)).toEqual(turnOf('b'));
  });
});
