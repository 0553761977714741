import { describe, expect, it } from 'vitest';
import { foldEvent, newRun, type RegisteredRun } from '../../state/fold-run.js';
import { requestOf } from '../../testing/request.js';
import { syntheticPlan } from '../../testing/synthetic-plan.js';
import { makeView, NOTHING_IN_HAND, type ViewFacts } from './make-view.js';

const { totals } = syntheticPlan({ runId: 'r1', output: '/out', shards: 10 }).plan;
const running = foldEvent(newRun(requestOf()), { kind: 'planned', at: 'p', planRun: 'r1' });
const shards = {
  done: 3,
  failed: 1,
  delayed: 1,
  uncounted: 0,
  rows: { read: 600, scored: 590, rejected: 4, filtered: 6 },
  work: { workerSeconds: 100, unfinishedSeconds: 20 },
};
const facts: ViewFacts = {
  run: running,
  output: '/out',
  totals,
  shards,
  activity: null,
  inFlight: { shards: 2, workers: 2, scored: 50, rejected: 1, filtered: 9, workerSeconds: 60 },
  retries: 2,
  pricePerHour: 36,
  memory: null,
  notice: 'a notice',
  inputWait: null,
  now: 77,
};

describe('a view', () => {
  it('adds in-flight shards to what is done', () => {
    expect(makeView(facts)).toMatchObject({
      state: 'running',
      rowsPlanned: 2000,
      rowsDone: 660,
      rowsScored: 640,
      rowsRejected: 5,
      rowsFiltered: 15,
      shards: { planned: 10, done: 3, failed: 1, active: 2, delayed: 1, waiting: 3 },
      workers: 2,
      notice: 'a notice',
      at: 77,
    });
  });

  it('says what the run has used so far, and what that costs', () => {
    const usage = { pool: 'cpu', workerSeconds: 160, unfinishedSeconds: 20 };
    expect(makeView(facts).usage).toEqual({ ...usage, pricePerWorkerHour: 36, cost: 1.8 });
    expect(makeView({ ...facts, pricePerHour: undefined }).usage).toEqual(usage);
    expect(makeView({ ...facts, shards: null }).usage).toBeNull();
  });

  it('takes shards whose rows were not counted yet to be of the common size', () => {
    const uncounted = { ...shards, done: 5, uncounted: 2 };
    expect(makeView({ ...facts, shards: uncounted }).rowsDone).toBe(660 + 400);
  });

  it('never shows more rows or shards than there are', () => {
    const inFlight = { ...facts.inFlight, shards: 30, workers: 30, scored: 9000 };
    const view = makeView({ ...facts, inFlight });
    expect(view.rowsDone).toBe(2000);
    const { planned, done, failed, active, waiting, delayed } = view.shards;
    expect(done + failed + active + waiting + delayed).toBe(planned);
  });

  it.each<[RegisteredRun, ViewFacts['activity'], string]>([
    [newRun(requestOf()), null, 'submitted'],
    [newRun(requestOf()), 'planning', 'planning'],
    [running, 'finalizing', 'finalizing'],
    [foldEvent(running, { kind: 'cancel-asked', at: 'c', by: 'me' }), null, 'cancelling'],
  ])('names the state', (run, activity, state) => {
    expect(makeView({ ...facts, run, activity }).state).toBe(state);
  });

  it('of a finished run has the rows of its manifest, apart from those that were not read', () => {
    const rows = { read: 2100, scored: 1900, rejected: 50, filtered: 150 };
    const run = foldEvent(running, { kind: 'finished', at: 'f', rows });
    const pruned = { ...totals, prunedRows: 100 };
    expect(
      makeView({ ...facts, run, totals: pruned, shards: null, inFlight: NOTHING_IN_HAND }),
    ).toMatchObject({
      state: 'finished',
      rowsPlanned: 2000,
      rowsDone: 2000,
      rowsFiltered: 50,
      shards: { planned: 10, done: 10, waiting: 0 },
      notice: null,
      endedAt: 'f',
    });
  });
});
