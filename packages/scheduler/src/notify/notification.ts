import {
  formatCount,
  type NotifyEvent,
  type ParameterValues,
  type RowCounts,
} from '@shardmill/core';

const NOTIFICATION_FORMAT = 'shardmill-notification/1';

/** What happened, of which receivers are notified. */
export interface Happening {
  /** The same for every process that notices it, and for nothing else: letters, digits, `-`, `_`, `.`. */
  readonly key: string;
  readonly event: NotifyEvent;
  /** When it happened; ISO. */
  readonly at: string;
  readonly job: string;
  readonly run: string | null;
  readonly schedule: string | null;
  /** The logical time of the tick; ISO. */
  readonly tick: string | null;
  /** When the tick should have finished, of `late`; ISO. */
  readonly deadline: string | null;
  readonly params: ParameterValues;
  readonly output: string | null;
  readonly rows: RowCounts | null;
  readonly error: NotifiedError | null;
}

/** An error, of this version or a later one. */
interface NotifiedError {
  readonly code: string;
  readonly message: string;
  readonly where?: string | undefined;
  readonly remedy: string;
}

/** The document that a receiver of `format: 'json'` gets: docs/notifications.md. */
export interface Notification extends Omit<Happening, 'key'> {
  readonly format: typeof NOTIFICATION_FORMAT;
  /** The same in every attempt to deliver it. */
  readonly id: string;
  /** One line for people. */
  readonly text: string;
}

export function notificationOf(happening: Happening, id: string): Notification {
  const { key: _, ...facts } = happening;
  return { format: NOTIFICATION_FORMAT, id, ...facts, text: textOf(happening) };
}

/** The body of the request: the document, or what Slack's incoming webhooks and their like take. */
export function bodyOf(notification: Notification, format: 'json' | 'slack'): string {
  switch (format) {
    case 'json':
      return JSON.stringify(notification);
    case 'slack':
      return JSON.stringify({ text: escapeForSlack(notification.text) });
    default: {
      const unknown: never = format;
      return unknown;
    }
  }
}

function textOf({ event, job, run, tick, deadline, output, rows, error }: Happening): string {
  const of = tick === null ? '' : ` (tick ${tick})`;
  const what = `${job}${of}`;
  const named = run === null ? '' : `, run ${run}`;
  const why = error === null ? '' : `: ${error.code} ${error.message}`;
  switch (event) {
    case 'finished':
      return `${what} finished${rows === null ? '' : `: ${countsOf(rows)}`}${named}${output === null ? '' : `, ${output}`}`;
    case 'failed':
      return `${what} failed${why}${named}`;
    case 'skipped':
      return `${what} was skipped${why}${named}`;
    case 'cancelled':
      return `${what} was cancelled${named}`;
    case 'late':
      return `${what} is late: it should have finished by ${deadline}${named}`;
    default: {
      const unknown: never = event;
      return unknown;
    }
  }
}

function countsOf({ scored, rejected }: RowCounts): string {
  const bad = rejected === 0 ? '' : `, ${formatCount(rejected)} rejected`;
  return `${formatCount(scored)} rows scored${bad}`;
}

/** In Slack's texts these three begin mentions, links and entities. */
function escapeForSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
