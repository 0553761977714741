import { type ErrorRecord, ShardmillError } from '@shardmill/core';
import type { RegisteredRun } from '../state/fold-run.js';
import type { LineageEventType } from './lineage-facts.js';

/** Something in the log of a run that is an event of lineage. */
export interface RunMoment {
  /** The same for all processes that read the log; those of a run sort by time. */
  readonly key: string;
  readonly eventType: LineageEventType;
  /** ISO. */
  readonly at: string;
  /** How often the run was taken up again before; each round is a run of its own for lineage. */
  readonly round: number;
  /** When the round began; ISO. */
  readonly began: string;
  /** The run whose plan it has by then. */
  readonly planRun: string | null;
  readonly error: ErrorRecord | null;
}

/** Moments that are older than this are not noted any more: what says that they were sent is deleted. */
const MAX_AGE_MS = 2 * 86_400_000;

/**
 * The moments of a run so far: its begin, its plan and its end, of each round.
 * @param now milliseconds since 1970.
 */
export function momentsOf({ request, events }: RegisteredRun, now: number): RunMoment[] {
  const moments: RunMoment[] = [];
  let [round, began] = [0, request.submittedAt];
  let planRun: string | null = null;
  const add = (
    index: number,
    eventType: LineageEventType,
    at: string,
    error: ErrorRecord | null = null,
  ): void => {
    if (now - Date.parse(at) > MAX_AGE_MS) return;
    const key = `${request.run}.${String(index).padStart(5, '0')}-${eventType.toLowerCase()}`;
    moments.push({ key, eventType, at, round, began, planRun, error });
  };
  add(0, 'START', began);
  for (const [position, event] of events.entries()) {
    // A round that goes on with a plan has two of one entry.
    const index = 2 * (position + 1);
    switch (event.kind) {
      case 'planned':
        planRun = event.planRun;
        add(index, 'RUNNING', event.at);
        break;
      case 'unplanned':
        planRun = null;
        break;
      case 'reopened':
        round++;
        began = event.at;
        add(index, 'START', event.at);
        if (planRun !== null) add(index + 1, 'RUNNING', event.at);
        break;
      case 'finished':
        add(index, 'COMPLETE', event.at);
        break;
      case 'failed':
        add(index, 'FAIL', event.at, event.error);
        break;
      case 'skipped':
        add(index, 'ABORT', event.at, event.error);
        break;
      case 'cancelled':
        add(index, 'ABORT', event.at, cancelled(request.run));
        break;
      case 'input-unchanged':
      case 'waited':
      case 'planning':
      case 'cancel-asked':
      case 'finalizing':
        break;
      default: {
        const unknown: never = event;
        return unknown;
      }
    }
  }
  return moments;
}

const cancelled = (run: string): ErrorRecord =>
  new ShardmillError('RUN_CANCELLED', `run ${run} was cancelled`).toRecord();
