import type { BackfillEvent } from './backfill-event.js';
import type { BackfillRequest } from './backfill-request.js';

export type BackfillPhase = 'running' | 'cancelling' | 'finished' | 'failed' | 'cancelled';

/** A backfill as its log has it. */
export interface RegisteredBackfill {
  readonly request: BackfillRequest;
  /** In order; `events[i]` is object number i + 1 of the log. */
  readonly events: readonly BackfillEvent[];
  readonly phase: BackfillPhase;
  /** Number of `reopened` events. */
  readonly round: number;
  readonly endedAt: string | null;
}

export function newBackfill(request: BackfillRequest): RegisteredBackfill {
  return { request, events: [], phase: 'running', round: 0, endedAt: null };
}

/** The backfill after one more event, which `allowsEvent` has let pass. */
export function foldBackfill(
  backfill: RegisteredBackfill,
  event: BackfillEvent,
): RegisteredBackfill {
  const next = { ...backfill, events: [...backfill.events, event] };
  switch (event.kind) {
    case 'cancel-asked':
      return { ...next, phase: 'cancelling' };
    case 'ended':
      return { ...next, phase: event.outcome, endedAt: event.at };
    case 'reopened':
      return { ...next, phase: 'running', round: backfill.round + 1, endedAt: null };
    default: {
      const unknown: never = event;
      return unknown;
    }
  }
}

export function allowsEvent(phase: BackfillPhase, event: BackfillEvent): boolean {
  switch (event.kind) {
    case 'cancel-asked':
      return phase === 'running';
    case 'ended':
      return (
        (phase === 'running' && event.outcome !== 'cancelled') ||
        (phase === 'cancelling' && event.outcome === 'cancelled')
      );
    case 'reopened':
      return phase === 'failed' || phase === 'cancelled';
    default: {
      const unknown: never = event;
      return unknown;
    }
  }
}

export function hasEndedBackfill({ phase }: Pick<RegisteredBackfill, 'phase'>): boolean {
  return phase === 'finished' || phase === 'failed' || phase === 'cancelled';
}
