import { type ErrorEntry, failed, usage } from './entry.js';

/** Schedules, backfills, notifications and lineage. */
export const scheduleErrors = {
  SCHEDULE_NOT_FOUND: usage(
    'There is no schedule of that name.',
    'List them with `shardmill schedule list`; the state location must be the one it was set in.',
  ),
  BACKFILL_NOT_FOUND: usage(
    'No backfill of that id is known.',
    'List them with `shardmill backfill list`; the state location must be the one it was begun in.',
  ),
  BACKFILL_FAILED: failed(
    'never',
    'Some dates of a backfill did not finish; the others are done and kept.',
    'Look at them with `shardmill backfill show ID`, fix the cause, then `shardmill backfill resume ID`.',
  ),
  BACKFILL_STATE: usage(
    'The backfill is in a state in which this cannot be done.',
    'Look at it with `shardmill backfill show ID`.',
  ),
  BACKFILL_OUTPUT_SHARED: usage(
    'Several dates of a backfill would write to one output location, and replace each other.',
    'Put the date into output.uri, for example output: { uri: "scores/ds={{ ds }}" }.',
  ),
  NOTIFY_SECRET_MISSING: usage(
    'An environment variable that a receiver of notifications names is not set.',
    'Set it where the schedulers run, and where `shardmill run` does; or take urlEnv or secretEnv away.',
  ),
  NOTIFY_FORBIDDEN: usage(
    'A job may not send notifications to this address.',
    'Name the host in allow.notify of the fleet, or put the receiver into its configuration.',
  ),
  NOTIFY_FAILED: failed(
    'again',
    'A receiver did not accept a notification.',
    'Look at the receiver; the notification is sent again, with the same id, for a day.',
  ),
  LINEAGE_FAILED: failed(
    'again',
    'The lineage endpoint did not accept an event.',
    'Look at the endpoint and at lineage.url; the run itself is not concerned.',
  ),
} as const satisfies Record<string, ErrorEntry>;
