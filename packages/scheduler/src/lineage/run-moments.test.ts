import { expect, it } from 'vitest';
import { foldEvent, newRun, type RegisteredRun } from '../state/fold-run.js';
import type { RunEvent } from '../state/run-event.js';
import { requestOf } from '../testing/request.js';
import { momentsOf } from './run-moments.js';

const NOW = Date.parse('2026-11-26T06:00:00Z');
const at = (minute: number): string => new Date(NOW - (60 - minute) * 60_000).toISOString();

const runOf = (...events: readonly RunEvent[]): RegisteredRun =>
  events.reduce(foldEvent, newRun(requestOf({ run: 'r', submittedAt: at(0) })));

const types = (run: RegisteredRun, now = NOW): string[] =>
  momentsOf(run, now).map(({ eventType, round }) => `${round} ${eventType}`);

const planned = (minute: number): RunEvent => ({ kind: 'planned', at: at(minute), planRun: 'r' });
const error = { code: 'SHARDS_FAILED', message: 'm', remedy: 'r' } as const;
const failed: RunEvent = { kind: 'failed', at: at(9), error, shardsFailed: 1 };
const reopened: RunEvent = { kind: 'reopened', at: at(10), by: 'me', maxRejectedRows: null };
const rows = { read: 1, scored: 1, rejected: 0, filtered: 0 };

it('a run begins, is planned and is finished', () => {
  const run = runOf(
    planned(1),
    { kind: 'finalizing', at: at(2) },
    { kind: 'finished', at: at(3), rows },
  );
  expect(types(run)).toEqual(['0 START', '0 RUNNING', '0 COMPLETE']);
  expect(momentsOf(run, NOW)[0]).toMatchObject({ at: at(0), planRun: null, error: null });
  expect(momentsOf(run, NOW)[2]).toMatchObject({ at: at(3), planRun: 'r', began: at(0) });
});

it('a round that goes on with its plan is planned from its begin on', () => {
  const run = runOf(planned(1), failed, reopened);
  expect(types(run)).toEqual(['0 START', '0 RUNNING', '0 FAIL', '1 START', '1 RUNNING']);
  const moments = momentsOf(run, NOW);
  expect(moments[2]).toMatchObject({ error });
  expect(moments[4]).toMatchObject({ began: at(10), planRun: 'r' });
  const keys = moments.map(({ key }) => key);
  expect(keys).toEqual(keys.toSorted());
});

it('a round whose plan is gone is planned anew', () => {
  const run = runOf(planned(1), failed, reopened, { kind: 'unplanned', at: at(11) }, planned(12));
  expect(types(run).slice(3)).toEqual(['1 START', '1 RUNNING', '1 RUNNING']);
});

it('a run that is cancelled or skipped is aborted, with the reason', () => {
  const cancelled = runOf(
    { kind: 'cancel-asked', at: at(1), by: 'me' },
    { kind: 'cancelled', at: at(2) },
  );
  expect(momentsOf(cancelled, NOW).at(-1)).toMatchObject({
    eventType: 'ABORT',
    error: { code: 'RUN_CANCELLED' },
  });
  const skipped = runOf({ kind: 'skipped', at: at(1), error });
  expect(momentsOf(skipped, NOW).at(-1)).toMatchObject({ eventType: 'ABORT', error });
});

it('what is older than two days is left out', () => {
  const run = runOf(planned(1), { kind: 'finished', at: at(50), rows });
  expect(types(run, NOW + 2 * 86_400_000 - 30 * 60_000)).toEqual(['0 COMPLETE']);
});
