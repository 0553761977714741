import type { RunLimits } from '@shardmill/core';
import type { RunEvent } from './run-event.js';
import type { RunRequest } from './run-request.js';

export type RunPhase =
  /** For its input, before it is planned. */
  | 'waiting'
  | 'submitted'
  | 'running'
  | 'finalizing'
  | 'cancelling'
  | 'cancelled'
  | 'finished'
  | 'failed'
  | 'skipped';

/** The state of a run, folded from its log. */
export interface RegisteredRun {
  readonly request: RunRequest;
  /** In order; `events[i]` is object number i + 1 of the log. */
  readonly events: readonly RunEvent[];
  /** What the events come to. */
  readonly phase: RunPhase;
  readonly planRun: string | null;
  /** The plan's digest; null where there is none, or where an earlier version planned the run. */
  readonly planDigest: string | null;
  /** The plan that is to be stored, or is stored already, where the log knows of one. */
  readonly intended: { readonly planRun: string; readonly planDigest: string } | null;
  /** Number of `reopened` events. */
  readonly round: number;
  /** When the round began, which is when a run that waits began to. */
  readonly since: string;
  /** Since when the files of its input are known not to have changed, where the log knows of it. */
  readonly unchanged: { readonly fingerprint: string; readonly since: string } | null;
  readonly maxRejectedRows: string | number;
  /** The job's, with what resumptions said instead. */
  readonly limits: RunLimits;
  /** Since when the shards of this round can be worked on; null before. */
  readonly runningSince: string | null;
  readonly endedAt: string | null;
  /** Why it failed or was skipped. */
  readonly error: Extract<RunEvent, { kind: 'failed' }>['error'] | null;
}

/** A run of which nothing but the request is there. */
export function newRun(request: RunRequest): RegisteredRun {
  return {
    request,
    events: [],
    phase: unplannedPhase(request),
    planRun: null,
    planDigest: null,
    intended: null,
    round: 0,
    since: request.submittedAt,
    unchanged: null,
    maxRejectedRows: request.job.errors.maxRejectedRows,
    limits: request.job.limits ?? {},
    runningSince: null,
    endedAt: null,
    error: null,
  };
}

/** The run after one more event, which `allows` has let pass. */
export function foldEvent(run: RegisteredRun, event: RunEvent): RegisteredRun {
  const next = { ...run, events: [...run.events, event] };
  switch (event.kind) {
    case 'input-unchanged': {
      const { fingerprint, since } = event;
      return { ...next, unchanged: { fingerprint, since } };
    }
    case 'waited':
      return { ...next, phase: 'submitted', unchanged: null };
    case 'planning': {
      const { planRun, planDigest } = event;
      return { ...next, intended: { planRun, planDigest } };
    }
    case 'planned': {
      const { planRun, planDigest = null } = event;
      const runningSince = run.runningSince ?? event.at;
      return { ...next, phase: 'running', planRun, planDigest, runningSince };
    }
    case 'unplanned':
      return {
        ...next,
        phase: 'submitted',
        planRun: null,
        planDigest: null,
        intended: null,
        runningSince: null,
      };
    case 'finalizing':
      return { ...next, phase: 'finalizing' };
    case 'cancel-asked':
      return { ...next, phase: 'cancelling' };
    case 'cancelled':
    case 'finished':
      return { ...next, phase: event.kind, endedAt: event.at };
    case 'failed':
    case 'skipped':
      return { ...next, phase: event.kind, endedAt: event.at, error: event.error };
    case 'reopened':
      return {
        ...next,
        phase: run.planRun === null ? unplannedPhase(run.request) : 'running',
        round: run.round + 1,
        since: event.at,
        unchanged: null,
        maxRejectedRows: event.maxRejectedRows ?? run.maxRejectedRows,
        limits: { ...run.limits, ...event.limits },
        runningSince: run.planRun === null ? null : event.at,
        endedAt: null,
        error: null,
      };
    default: {
      const unknown: never = event;
      return unknown;
    }
  }
}

/** Where a round begins that has no plan yet. */
function unplannedPhase({ job }: RunRequest): 'waiting' | 'submitted' {
  return job.input.waitFor === undefined ? 'submitted' : 'waiting';
}

const FOLLOWERS: Readonly<Record<RunPhase, readonly RunEvent['kind'][]>> = {
  waiting: ['input-unchanged', 'waited', 'skipped', 'cancel-asked', 'failed'],
  submitted: ['planning', 'planned', 'cancel-asked', 'failed'],
  // Planned once more: the digest of a plan that an earlier version stored.
  running: ['planned', 'unplanned', 'cancel-asked', 'finalizing', 'failed'],
  // Finalizing and cancelling write the same number of the log: one of them is first.
  finalizing: ['finished', 'failed'],
  cancelling: ['cancelled'],
  cancelled: ['reopened'],
  failed: ['reopened'],
  skipped: ['reopened'],
  finished: [],
};

/** Whether an event of that kind can be the next one. */
export function allows(phase: RunPhase, kind: RunEvent['kind']): boolean {
  return FOLLOWERS[phase].includes(kind);
}

/** Kinds of events that end a run. */
export type RunEnd = 'finished' | 'failed' | 'cancelled' | 'skipped';

export function isEndEvent(kind: RunEvent['kind']): kind is RunEnd {
  return kind === 'finished' || kind === 'failed' || kind === 'cancelled' || kind === 'skipped';
}

export function hasEnded({ phase }: Pick<RegisteredRun, 'phase'>): boolean {
  switch (phase) {
    case 'cancelled':
    case 'finished':
    case 'failed':
    case 'skipped':
      return true;
    case 'waiting':
    case 'submitted':
    case 'running':
    case 'finalizing':
    case 'cancelling':
      return false;
    default: {
      const unknown: never = phase;
      return unknown;
    }
  }
}
