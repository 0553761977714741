import { describe, expect, it } from 'vitest';
import { sampleScheduler, sampleView, sampleWorker } from '../testing/fleet-samples.js';
import { claimedRate, type RunSnapshot, standstill } from './run-snapshot.js';

const snapshot = (changes: Partial<RunSnapshot> = {}): RunSnapshot => ({
  view: sampleView(),
  from: 'scheduler',
  processes: [sampleScheduler, sampleWorker()],
  ...changes,
});
const shards = (changes: object) => ({ ...sampleView().shards, active: 0, ...changes });
const idle = sampleView({ shards: shards({}) });

describe('why a run stands still', () => {
  it.each<[string, RunSnapshot, string | undefined]>([
    ['it moves', snapshot(), undefined],
    ['Redis is away', snapshot({ processes: undefined }), 'Redis does not answer'],
    [
      'Redis is full',
      snapshot({ processes: undefined, redisTrouble: 'Redis is at its memory limit' }),
      'at its memory limit; only in-flight shards go on',
    ],
    [
      'no scheduler is there to plan',
      snapshot({ view: sampleView({ state: 'submitted' }), processes: [] }),
      'no scheduler',
    ],
    [
      'no worker',
      snapshot({ view: idle, processes: [sampleScheduler] }),
      'shardmill worker --pool cpu',
    ],
    [
      'only workers of another pool',
      snapshot({ view: idle, processes: [sampleScheduler, sampleWorker({ pool: 'gpu' })] }),
      'no worker of pool cpu',
    ],
    [
      'all workers stop',
      snapshot({ view: idle, processes: [sampleScheduler, sampleWorker({ state: 'draining' })] }),
      'about to stop',
    ],
    ['all workers have other work', snapshot({ view: idle }), 'work on other runs'],
    [
      'a free worker will take one soon',
      snapshot({ view: idle, processes: [sampleScheduler, sampleWorker({ tasks: [] })] }),
      undefined,
    ],
    [
      'attempts are due later',
      snapshot({ view: sampleView({ shards: shards({ waiting: 0, delayed: 2 }) }) }),
      'next attempt',
    ],
    [
      'the scheduler says why',
      snapshot({ view: sampleView({ notice: 'run 2026… is first' }) }),
      'run 2026… is first',
    ],
    ['it has ended', snapshot({ view: sampleView({ state: 'failed' }), processes: [] }), undefined],
  ])('%s', (_case, seen, expected) => {
    if (expected === undefined) expect(standstill(seen)).toBeUndefined();
    else expect(standstill(seen)).toContain(expected);
  });
});

it('a rate counts the in-flight shards of this run', () => {
  const [task] = sampleWorker().tasks;
  if (task === undefined) throw new Error('the sample has tasks');
  const shared = sampleWorker({ tasks: [task, { ...task, run: 'another' }] });
  expect(claimedRate(snapshot({ processes: [sampleWorker(), shared] }))).toBe(600_000);
  expect(claimedRate(snapshot({ processes: [] }))).toBeUndefined();
});
