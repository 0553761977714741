import { describe, expect, it } from 'vitest';
import { foldEvent, newRun, type RegisteredRun } from '../../state/fold-run.js';
import { requestOf } from '../../testing/request.js';
import { attemptRound } from '../dispatch/attempt-round.js';
import { leaderOf } from '../run/run-leader.js';
import { whoGoesFirst } from './run-turn.js';

const submitted = (run: string, submittedAt: string) => newRun(requestOf({ run, submittedAt }));
const planned = (run: RegisteredRun, at: string, planRun = run.request.run) =>
  foldEvent(run, { kind: 'planned', at, planRun });
const reopened = (run: RegisteredRun, at: string) =>
  foldEvent(run, { kind: 'reopened', at, by: 'me', maxRejectedRows: null });
const at = (run: RegisteredRun, output = '/out') => ({ run, output });

describe('of two runs at one location', () => {
  it('the one that was submitted first goes first', () => {
    const [a, b] = [submitted('b', '2026-01'), submitted('a', '2026-02')];
    expect(whoGoesFirst(at(b), [at(a)])).toBe('b');
    expect(whoGoesFirst(at(a), [at(b)])).toBeUndefined();
  });
  it('one that is taken up again comes after those that were submitted before that', () => {
    const a = reopened(planned(submitted('a', '2026-01'), '2026-01'), '2026-04');
    const b = submitted('b', '2026-02');
    expect(whoGoesFirst(at(a), [at(b)])).toBe('b');
    expect(whoGoesFirst(at(b), [at(a)])).toBeUndefined();
  });
});

it('runs at different locations do not wait for each other', () => {
  const [a, b] = [submitted('a', '2026-01'), submitted('b', '2026-02')];
  expect(whoGoesFirst(at(b), [at(a, '/elsewhere')])).toBeUndefined();
});

it('all runs of a location agree who goes first', () => {
  const runs = ['c', 'a', 'b'].map((run) => at(submitted(run, '2026-01')));
  const first = runs.map((mine) =>
    whoGoesFirst(
      mine,
      runs.filter((other) => other !== mine),
    ),
  );
  expect(first).toEqual(['a', undefined, 'a']);
});

it('rounds of runs that share a plan have numbers of their own', () => {
  const own = planned(submitted('a', ''), '');
  expect(attemptRound(own)).toBe(0);
  expect(attemptRound(reopened(own, ''))).toBe(1);
  const [b, c] = ['b', 'c'].map((run) => planned(submitted(run, ''), '', 'a'));
  if (b === undefined || c === undefined) throw new Error('no run');
  const rounds = [b, reopened(b, ''), c].map(attemptRound);
  expect(new Set([0, 1, ...rounds]).size).toBe(5);
  expect(rounds.every(Number.isSafeInteger)).toBe(true);
});

it('every scheduler takes the same one for the leader, and not the same for every run', () => {
  const runs = Array.from({ length: 40 }, (_, i) => `r${i}`);
  const leaders = runs.map((run) => leaderOf(run, ['s1', 's2', 's3']));
  expect(runs.map((run) => leaderOf(run, ['s3', 's1', 's2']))).toEqual(leaders);
  expect(new Set(leaders).size).toBe(3);
  expect(leaderOf('r', [])).toBeUndefined();
});
