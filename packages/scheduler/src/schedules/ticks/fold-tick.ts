import type { TickId } from '../store/schedule-layout.js';
import type { TickEvent } from './tick-event.js';

export type TickPhase =
  | 'queued'
  | 'running'
  /** Its run failed, and the time of the next attempt has not come. */
  | 'retrying'
  | 'skipped'
  | 'finished'
  | 'failed'
  | 'cancelled';

/** A tick as its log has it. */
export interface TickRecord {
  readonly schedule: string;
  readonly id: TickId;
  /** In order; `events[i]` is object number i of the log. There is at least one. */
  readonly events: readonly TickEvent[];
  readonly phase: TickPhase;
  /** The run of the last attempt. */
  readonly run: string | null;
  readonly attempt: number;
  readonly round: number;
  /** Whether its deadline passed before its end. */
  readonly overdue: boolean;
  readonly endedAt: string | null;
}

/** A tick of which its first event is there. */
export function newTick(schedule: string, id: TickId, first: TickEvent): TickRecord {
  return foldTick(
    {
      schedule,
      id,
      events: [],
      phase: 'queued',
      run: null,
      attempt: 0,
      round: 0,
      overdue: false,
      endedAt: null,
    },
    first,
  );
}

/** The tick after one more event, which `allowsNext` has let pass. */
export function foldTick(tick: TickRecord, event: TickEvent): TickRecord {
  const next = { ...tick, events: [...tick.events, event] };
  switch (event.kind) {
    case 'queued':
      return { ...next, phase: 'queued' };
    case 'started': {
      const { run, attempt, round } = event;
      return { ...next, phase: 'running', run, attempt, round };
    }
    case 'skipped':
      return { ...next, phase: 'skipped', endedAt: event.at };
    case 'attempt-failed':
      return { ...next, phase: 'retrying', round: event.round };
    case 'overdue':
      return { ...next, overdue: true };
    case 'ended':
      return { ...next, phase: event.outcome, endedAt: event.at };
    default: {
      const unknown: never = event;
      return unknown;
    }
  }
}

const FOLLOWERS: Readonly<Record<TickPhase, readonly TickEvent['kind'][]>> = {
  queued: ['started', 'skipped', 'overdue'],
  // Started anew by another process of the same machine, where the one that ran it is gone.
  running: ['started', 'attempt-failed', 'ended', 'overdue'],
  retrying: ['started', 'ended', 'overdue'],
  skipped: [],
  finished: [],
  failed: [],
  cancelled: [],
};

/** Whether an event of that kind can be the next one; undefined stands for a tick without any. */
export function allowsNext(tick: TickRecord | undefined, kind: TickEvent['kind']): boolean {
  if (tick === undefined) return kind === 'queued' || kind === 'started' || kind === 'skipped';
  return FOLLOWERS[tick.phase].includes(kind) && !(kind === 'overdue' && tick.overdue);
}

export function isOpen({ phase }: Pick<TickRecord, 'phase'>): boolean {
  return phase === 'queued' || phase === 'running' || phase === 'retrying';
}
