import { describe, expect, it } from 'vitest';
import { sampleScheduler, sampleView, sampleWorker } from '../testing/fleet-samples.js';
import { claimedRate, type RunLook, standstill } from './run-look.js';

const look = (changes: Partial<RunLook> = {}): RunLook => ({
  view: sampleView(),
  from: 'scheduler',
  processes: [sampleScheduler, sampleWorker()],
  ...changes,
});
const shards = (changes: object) => ({ ...sampleView().shards, active: 0, ...changes });
const idle = sampleView({ shards: shards({}) });

describe('why a run stands still', () => {
  it.each<[string, RunLook, string | undefined]>([
    ['it moves', look(), undefined],
    ['Redis is away', look({ processes: undefined }), 'Redis does not answer'],
    [
      'Redis is full',
      look({ processes: undefined, redisTrouble: 'Redis is at its memory limit' }),
      'at its memory limit; only shards in hand go on',
    ],
    [
      'nobody plans',
      look({ view: sampleView({ state: 'submitted' }), processes: [] }),
      'no scheduler',
    ],
    [
      'no worker',
      look({ view: idle, processes: [sampleScheduler] }),
      'shardmill worker --pool cpu',
    ],
    [
      'only workers of another pool',
      look({ view: idle, processes: [sampleScheduler, sampleWorker({ pool: 'gpu' })] }),
      'no worker of pool cpu',
    ],
    [
      'all workers stop',
      look({ view: idle, processes: [sampleScheduler, sampleWorker({ state: 'draining' })] }),
      'about to stop',
    ],
    ['all workers have other work', look({ view: idle }), 'have other runs in hand'],
    [
      'a free worker will take one soon',
      look({ view: idle, processes: [sampleScheduler, sampleWorker({ tasks: [] })] }),
      undefined,
    ],
    [
      'attempts are due later',
      look({ view: sampleView({ shards: shards({ waiting: 0, delayed: 2 }) }) }),
      'next attempt',
    ],
    [
      'the scheduler says why',
      look({ view: sampleView({ notice: 'run 2026… is first' }) }),
      'run 2026… is first',
    ],
    ['it has ended', look({ view: sampleView({ state: 'failed' }), processes: [] }), undefined],
  ])('%s', (_case, seen, expected) => {
    if (expected === undefined) expect(standstill(seen)).toBeUndefined();
    else expect(standstill(seen)).toContain(expected);
  });
});

it('a rate counts what workers have in hand of this run', () => {
  const [task] = sampleWorker().tasks;
  if (task === undefined) throw new Error('the sample has tasks');
  const shared = sampleWorker({ tasks: [task, { ...task, run: 'another' }] });
  expect(claimedRate(look({ processes: [sampleWorker(), shared] }))).toBe(600_000);
  expect(claimedRate(look({ processes: [] }))).toBeUndefined();
});
