import type { RunEvent } from './run-event.js';
import type { RunRequest } from './run-request.js';

export type RunPhase =
  | 'submitted'
  | 'running'
  | 'finalizing'
  | 'cancelling'
  | 'cancelled'
  | 'finished'
  | 'failed';

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
  readonly maxRejectedRows: string | number;
  readonly endedAt: string | null;
  readonly error: Extract<RunEvent, { kind: 'failed' }>['error'] | null;
}

/** A run of which nothing but the request is there. */
export function newRun(request: RunRequest): RegisteredRun {
  return {
    request,
    events: [],
    phase: 'submitted',
    planRun: null,
    planDigest: null,
    intended: null,
    round: 0,
    maxRejectedRows: request.job.errors.maxRejectedRows,
    endedAt: null,
    error: null,
  };
}

/** The run after one more event, which `allows` has let pass. */
export function foldEvent(run: RegisteredRun, event: RunEvent): RegisteredRun {
  const next = { ...run, events: [...run.events, event] };
  switch (event.kind) {
    case 'planning': {
      const { planRun, planDigest } = event;
      return { ...next, intended: { planRun, planDigest } };
    }
    case 'planned': {
      const { planRun, planDigest = null } = event;
      return { ...next, phase: 'running', planRun, planDigest };
    }
    case 'unplanned':
      return { ...next, phase: 'submitted', planRun: null, planDigest: null, intended: null };
    case 'finalizing':
      return { ...next, phase: 'finalizing' };
    case 'cancel-asked':
      return { ...next, phase: 'cancelling' };
    case 'cancelled':
    case 'finished':
      return { ...next, phase: event.kind, endedAt: event.at };
    case 'failed':
      return { ...next, phase: 'failed', endedAt: event.at, error: event.error };
    case 'reopened':
      return {
        ...next,
        phase: run.planRun === null ? 'submitted' : 'running',
        round: run.round + 1,
        maxRejectedRows: event.maxRejectedRows ?? run.maxRejectedRows,
        endedAt: null,
        error: null,
      };
    default: {
      const unknown: never = event;
      return unknown;
    }
  }
}

const FOLLOWERS: Readonly<Record<RunPhase, readonly RunEvent['kind'][]>> = {
  submitted: ['planning', 'planned', 'cancel-asked', 'failed'],
  // Planned once more: the digest of a plan that an earlier version stored.
  running: ['planned', 'unplanned', 'cancel-asked', 'finalizing', 'failed'],
  // Finalizing and cancelling write the same number of the log: one of them is first.
  finalizing: ['finished', 'failed'],
  cancelling: ['cancelled'],
  cancelled: ['reopened'],
  failed: ['reopened'],
  finished: [],
};

/** Whether an event of that kind can be the next one. */
export function allows(phase: RunPhase, kind: RunEvent['kind']): boolean {
  return FOLLOWERS[phase].includes(kind);
}

export function hasEnded({ phase }: Pick<RegisteredRun, 'phase'>): boolean {
  return phase === 'cancelled' || phase === 'finished' || phase === 'failed';
}
