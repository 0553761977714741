import { type OutcomeName, stampOf } from './backfill-layout.js';
import type { BackfillDate } from './backfill-request.js';

/** How a date of a backfill stands in a round, by the outcomes of its dates. */
export interface DateState {
  readonly date: BackfillDate;
  /** `open` where it has no run, or one that has not ended. */
  readonly state: 'open' | OutcomeName['outcome'];
  /** The outcome that says so; undefined where it is open. */
  readonly counting: OutcomeName | undefined;
  /** Its last outcome of an earlier round, whose run is taken up again. */
  readonly earlier: OutcomeName | undefined;
}

/**
 * The state of each date in its order. A date that finished in any round stays finished; one that
 * failed or was cancelled in an earlier round is open in this one.
 */
export function dateStates(
  dates: readonly BackfillDate[],
  outcomes: readonly OutcomeName[],
  round: number,
): DateState[] {
  const byStamp = new Map<string, OutcomeName[]>();
  for (const one of outcomes) {
    const known = byStamp.get(one.stamp);
    if (known === undefined) byStamp.set(one.stamp, [one]);
    else known.push(one);
  }
  return dates.map((date) => {
    const own = (byStamp.get(stampOf(date.ts)) ?? []).toSorted((a, b) => a.round - b.round);
    const counting = own.find((one) => one.outcome === 'finished' || one.round === round);
    return {
      date,
      state: counting?.outcome ?? 'open',
      counting,
      earlier: own.findLast((one) => one.round < round),
    };
  });
}

/**
 * The dates whose runs may be under way: the first open ones. Each scheduler finds no date ended
 * that is not, so that all of them together never have more dates under way than one of them may.
 */
export function activeDates(states: readonly DateState[], maxActive: number): DateState[] {
  return states.filter(({ state }) => state === 'open').slice(0, maxActive);
}

/** Whether a backfill has come to its end, and how. */
export function endOf(
  phase: 'running' | 'cancelling',
  states: readonly DateState[],
  underWay: number,
): 'finished' | 'failed' | 'cancelled' | undefined {
  if (underWay > 0) return undefined;
  if (phase === 'cancelling') return 'cancelled';
  if (states.some(({ state }) => state === 'open')) return undefined;
  return states.every(({ state }) => state === 'finished') ? 'finished' : 'failed';
}

export interface DateCounts {
  readonly open: number;
  readonly finished: number;
  readonly failed: number;
  readonly cancelled: number;
}

export function countDates(states: readonly DateState[]): DateCounts {
  const of = (wanted: DateState['state']): number =>
    states.filter(({ state }) => state === wanted).length;
  return {
    open: of('open'),
    finished: of('finished'),
    failed: of('failed'),
    cancelled: of('cancelled'),
  };
}
