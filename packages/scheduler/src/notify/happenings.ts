import type { Job, NotifyEvent } from '@shardmill/core';
import { isEndEvent, type RegisteredRun } from '../state/fold-run.js';
import { outputOf } from '../state/output-of.js';
import type { RunEvent } from '../state/run-event.js';
import type { Happening } from './notification.js';

/** The part of a job that says who is notified. */
export type JobNotify = Pick<Job, 'notify'>;

/** Ends that are older than this are news to nobody. */
const MAX_AGE_MS = 2 * 86_400_000;

/**
 * What happened to a run that receivers may want to know: its ends, also those after which it was
 * taken up again.
 * @param now milliseconds since 1970.
 */
export function happeningsOf(run: RegisteredRun, now: number): Happening[] {
  return run.events.flatMap((event, index) => {
    const old = now - Date.parse(event.at) > MAX_AGE_MS;
    return isEnd(event) && !old ? [endOf(run, event, index + 1)] : [];
  });
}

type EndEvent = Extract<RunEvent, { kind: 'finished' | 'failed' | 'cancelled' | 'skipped' }>;

const isEnd = (event: RunEvent): event is EndEvent => isEndEvent(event.kind);

function endOf({ request }: RegisteredRun, event: EndEvent, number: number): Happening {
  const kind: NotifyEvent = event.kind;
  return {
    key: `${request.run}.${number}`,
    event: kind,
    at: event.at,
    job: request.job.name,
    run: request.run,
    schedule: request.tick?.schedule ?? null,
    tick: request.tick?.at ?? null,
    deadline: null,
    params: request.params,
    output: outputOf(request),
    rows: event.kind === 'finished' ? event.rows : null,
    error: event.kind === 'failed' || event.kind === 'skipped' ? event.error : null,
  };
}

/** A tick whose run has not finished by its deadline. */
export interface LateTick {
  readonly schedule: string;
  /** The id of the tick; unique for the schedule. */
  readonly id: string;
  /** Its logical time; ISO. */
  readonly tick: string;
  /** ISO. */
  readonly deadline: string;
  readonly job: string;
  /** Null where none was started. */
  readonly run: string | null;
  readonly params: Happening['params'];
  readonly output: string | null;
}

/**
 * For `Notifications.note` and `NotificationOutbox.add`. Everybody who notices that a tick is late
 * makes the same, so that it can be noted before its log says that the tick is late, and by several.
 */
export function lateHappening({ id, schedule, ...facts }: LateTick): Happening {
  return {
    ...facts,
    at: facts.deadline,
    key: `${schedule}.${id.replaceAll(/[^A-Za-z0-9_-]/g, '-')}.late`,
    event: 'late',
    schedule,
    rows: null,
    error: null,
  };
}
