import { type ErrorRecord, parseDurationMs } from '@shardmill/core';
import type { TickRecord } from '../ticks/fold-tick.js';
import { openTicks } from './decide-due.js';
import { parseTickId } from '../store/schedule-layout.js';
import type { ScheduleHead, TickHistory } from '../ticks/schedule-state.js';

/** What to do about a tick that has not ended. */
export type OpenAction =
  /** Begin its first attempt, or another one. */
  | { readonly kind: 'start'; readonly tick: TickRecord }
  /** Have its run cancelled: a later tick takes its place. */
  | { readonly kind: 'cancel'; readonly tick: TickRecord }
  | {
      readonly kind: 'skip';
      readonly tick: TickRecord;
      readonly reason: 'replaced' | 'removed';
    }
  /** End a tick whose next attempt will not be made. */
  | { readonly kind: 'end'; readonly tick: TickRecord }
  | { readonly kind: 'overdue'; readonly tick: TickRecord; readonly deadline: number };

export interface OpenDecisions {
  readonly actions: readonly OpenAction[];
  /** When time alone calls for the next one, in milliseconds since 1970. */
  readonly until: number | undefined;
}

/** What is to be done about all ticks that have not ended, at most one thing for each. */
export function decideOpen(head: ScheduleHead, history: TickHistory, now: number): OpenDecisions {
  const due = openTicks(history);
  const replacing = due.findLastIndex(
    ({ phase, events: [first] }) =>
      phase === 'queued' && first?.kind === 'queued' && first.overlap === 'replace',
  );
  const actions: OpenAction[] = [];
  const times: number[] = [];
  for (const tick of history.open) {
    const place = due.indexOf(tick);
    const replaced = place >= 0 && place < replacing;
    const action = actionFor(head, tick, { replaced, isFirst: place <= 0 }, now);
    if (action !== undefined) {
      actions.push(action);
      continue;
    }
    const deadline = place < 0 || tick.overdue ? undefined : deadlineOf(head, tick);
    if (deadline !== undefined && deadline <= now) {
      actions.push({ kind: 'overdue', tick, deadline });
    }
    for (const time of [deadline, retryAt(tick)]) {
      if (time !== undefined && time > now) times.push(time);
    }
  }
  return { actions, until: times.length === 0 ? undefined : Math.min(...times) };
}

function actionFor(
  { paused, removed, schedule }: ScheduleHead,
  tick: TickRecord,
  { replaced, isFirst }: { readonly replaced: boolean; readonly isFirst: boolean },
  now: number,
): OpenAction | undefined {
  const stopped = paused || !schedule.enabled;
  switch (tick.phase) {
    case 'queued':
      if (removed) return { kind: 'skip', tick, reason: 'removed' };
      if (replaced) return { kind: 'skip', tick, reason: 'replaced' };
      // Those before it have not ended.
      return isFirst && !stopped ? { kind: 'start', tick } : undefined;
    case 'running':
      return replaced ? { kind: 'cancel', tick } : undefined;
    case 'retrying':
      if (removed || replaced) return { kind: 'end', tick };
      return (retryAt(tick) ?? 0) <= now && !stopped ? { kind: 'start', tick } : undefined;
    case 'skipped':
    case 'finished':
    case 'failed':
    case 'cancelled':
      return undefined;
    default: {
      const unknown: never = tick.phase;
      return unknown;
    }
  }
}

function deadlineOf({ schedule: { deadline } }: ScheduleHead, { id }: TickRecord) {
  const tick = parseTickId(id)?.tick;
  if (deadline === undefined || tick === undefined) return undefined;
  return tick + parseDurationMs(deadline);
}

function retryAt({ phase, events }: TickRecord): number | undefined {
  if (phase !== 'retrying') return undefined;
  const failed = events.findLast((event) => event.kind === 'attempt-failed');
  return failed && Date.parse(failed.retryAt);
}

/** Whether the run of a tick is taken up again after it failed, and when. */
export function decideRetry(
  { schedule, removed }: ScheduleHead,
  { attempt }: TickRecord,
  now: number,
): { readonly at: number } | undefined {
  if (removed || attempt > schedule.retries) return undefined;
  return { at: now + parseDurationMs(schedule.retryDelay) };
}

/** The error of the attempt that failed last. */
export function lastError({ events }: TickRecord): ErrorRecord | null {
  return events.findLast((event) => event.kind === 'attempt-failed')?.error ?? null;
}
