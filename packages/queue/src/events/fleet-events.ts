import type { RowCounts } from '@shardmill/core';

/** What happens in the fleet, for any process that listens. Events may be lost, late or doubled. */
export type FleetEvent =
  /** A run was submitted, cancelled or reopened: its log in the state location says which. */
  | { readonly kind: 'run-changed'; readonly run: string }
  | {
      readonly kind: 'shard-done';
      readonly run: string;
      readonly shard: number;
      readonly rows: RowCounts;
    }
  | { readonly kind: 'shard-failed'; readonly run: string; readonly shard: number }
  | {
      readonly kind: 'shard-retried';
      readonly run: string;
      readonly shard: number;
      readonly code: string;
    };

export interface FleetEvents {
  /** Does not wait for Redis; a failure is swallowed. */
  publish(event: FleetEvent): void;

  /** @returns what ends the subscription. */
  subscribe(listener: (event: FleetEvent) => void): () => void;

  close(): Promise<void>;
}
