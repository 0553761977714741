import type { RowCounts, WorkTime } from '@shardmill/core';

/** What happens in the fleet, for any process that listens. Events may be lost, late or doubled. */
export type FleetEvent =
  /** A run was submitted, cancelled or reopened: its log in the state location says which. */
  | { readonly kind: 'run-changed'; readonly run: string }
  /** A schedule was set, paused, resumed, removed or triggered: its last version says which. */
  | { readonly kind: 'schedule-changed'; readonly schedule: string }
  | {
      readonly kind: 'shard-done';
      readonly run: string;
      readonly shard: number;
      readonly rows: RowCounts;
      /** Absent in events of earlier versions. */
      readonly work?: WorkTime | undefined;
    }
  | {
      readonly kind: 'shard-failed';
      readonly run: string;
      readonly shard: number;
      /** Worker time of all attempts of the round so far, in seconds. */
      readonly unfinishedSeconds?: number | undefined;
    }
  | {
      readonly kind: 'shard-retried';
      readonly run: string;
      readonly shard: number;
      readonly code: string;
      readonly unfinishedSeconds?: number | undefined;
    }
  /** An engine had no room for its calls of the model: the next ones have at most so many rows. */
  | ({ readonly kind: 'calls-shrunk'; readonly run: string } & ModelCalls);

/** How the model of a run is called. */
export interface ModelCalls {
  /** Rows, or tokens, of a call at most; null where that was not known yet. */
  readonly rows: number | null;
  readonly unit: 'row' | 'token';
  readonly lanes: number;
}

/** The run or the schedule that an event is about. */
export function subjectOf(event: FleetEvent): string {
  return event.kind === 'schedule-changed' ? event.schedule : event.run;
}

export interface FleetEvents {
  /** Does not wait for Redis; a failure is swallowed. */
  publish(event: FleetEvent): void;

  /** @returns what ends the subscription. */
  subscribe(listener: (event: FleetEvent) => void): () => void;

  close(): Promise<void>;
}
