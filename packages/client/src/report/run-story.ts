import type { ErrorRecord, ShardFailure } from '@shardmill/core';
import type { RegisteredRun } from '@shardmill/scheduler';
import type { ShardAttempts } from './record-summary.js';
import type { ReportEvent, RetriedShard } from '../documents/report-schema.js';

const MAX_RETRIED = 20;

/** Shards of which an attempt failed: those that failed for good first, then the most often tried. */
export function retriedShards(
  done: readonly ShardAttempts[],
  failures: readonly ShardFailure[],
): { shards: number; list: RetriedShard[] } {
  const all: RetriedShard[] = [
    ...failures.map(
      ({ shard, round, story }): RetriedShard => ({
        shard,
        outcome: 'failed',
        round,
        attempts: [...story],
      }),
    ),
    ...done.map(
      ({ shard, attempts }): RetriedShard => ({
        shard,
        outcome: 'done',
        round: null,
        attempts: [...attempts],
      }),
    ),
  ];
  const rank = ({ outcome }: RetriedShard): number => (outcome === 'failed' ? 0 : 1);
  const list = all.toSorted(
    (a, b) => rank(a) - rank(b) || b.attempts.length - a.attempts.length || a.shard - b.shard,
  );
  return { shards: new Set(all.map(({ shard }) => shard)).size, list: list.slice(0, MAX_RETRIED) };
}

/** The log of a run of a fleet, from its submission on. */
export function eventsOf(run: RegisteredRun): ReportEvent[] {
  const { submittedAt, submittedBy, priority } = run.request;
  const submitted = `by ${submittedBy}, with priority ${priority}`;
  return [
    { at: submittedAt, what: 'submitted', detail: submitted },
    ...run.events.map((event) => ({
      at: event.at,
      what: event.kind,
      detail: detailOf(event),
    })),
  ];
}

function detailOf(event: RegisteredRun['events'][number]): string | null {
  switch (event.kind) {
    case 'input-unchanged':
      return `since ${event.since}`;
    case 'waited':
      return event.lacks.length === 0 ? null : `still missing: ${event.lacks.join('; ')}`;
    case 'planning':
    case 'planned':
      return `plan ${event.planDigest?.slice(0, 12) ?? 'without a digest'} of run ${event.planRun}`;
    case 'cancel-asked':
      return `by ${event.by}`;
    case 'reopened':
      return event.maxRejectedRows === null
        ? `by ${event.by}`
        : `by ${event.by}, with up to ${event.maxRejectedRows} rejected rows`;
    case 'failed':
      return event.shardsFailed === 0
        ? textOf(event.error)
        : `${event.shardsFailed} ${event.shardsFailed === 1 ? 'shard' : 'shards'} failed for good; ${textOf(event.error)}`;
    case 'skipped':
      return textOf(event.error);
    case 'unplanned':
    case 'cancelled':
    case 'finalizing':
    case 'finished':
      return null;
    default: {
      const unknown: never = event;
      return unknown;
    }
  }
}

const textOf = ({ code, message }: ErrorRecord): string => `${code}: ${message}`;
