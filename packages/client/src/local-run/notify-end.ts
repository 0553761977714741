import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { backoffMs, type Receiver, resolveLocation, toShardmillError } from '@shardmill/core';
import {
  deliver,
  destinationOf,
  type Happening,
  nameOf,
  notificationOf,
  type NotifySettings,
  type ReceiverReference,
  referenceToConfiguration,
  referenceToJob,
} from '@shardmill/scheduler';
import type { LocalRunOptions, RunEvents, RunResult } from './run-types.js';

/** A receiver that does not take it is waited for this long in all: a terminal waits, too. */
const GIVE_UP_MS = 15_000;
const REQUEST_TIMEOUT_MS = 5000;
const RETRY = { firstMs: 1000, maxMs: 8000, jitter: 'half' } as const;

/**
 * A local run, after whose end receivers are notified. What they do changes nothing about the run.
 * Neither an interruption nor a trial nor a run that had finished before is notified of.
 * @throws NOTIFY_SECRET_MISSING, NOTIFY_FORBIDDEN before anything is done; and as `run`
 */
export async function withNotifications(
  options: LocalRunOptions,
  settings: NotifySettings,
  events: RunEvents,
  run: (events: RunEvents) => Promise<RunResult>,
): Promise<RunResult> {
  const { job, selection } = options;
  const receivers = selection === undefined ? receiversOf(options, settings) : [];
  if (receivers.length === 0) return run(events);
  for (const { reference } of receivers) destinationOf(reference, job.name, settings);
  let runId: string | null = null;
  const planned: RunEvents['planned'] = (plan, resumed) => {
    runId = plan.runId;
    events.planned(plan, resumed);
  };
  const notifyOf = (end: Pick<Happening, 'event' | 'rows' | 'error'>): Promise<void> =>
    notify(receivers, happeningOf(options, runId, end), settings, events);
  try {
    const result = await run({ ...events, planned });
    const { rows } = result.manifest;
    if (!result.alreadyFinished) await notifyOf({ event: 'finished', rows, error: null });
    return result;
  } catch (thrown) {
    const error = toShardmillError(thrown);
    const event = error.code === 'RUN_SKIPPED' ? 'skipped' : 'failed';
    if (error.code !== 'INTERRUPTED')
      await notifyOf({ event, rows: null, error: error.toRecord() });
    throw thrown;
  }
}

interface KnownReceiver {
  readonly reference: ReceiverReference;
  readonly receiver: Receiver;
}

function receiversOf(
  { job }: Pick<LocalRunOptions, 'job'>,
  { receivers }: NotifySettings,
): KnownReceiver[] {
  return [
    ...(job.notify ?? []).map((receiver) => ({ receiver, reference: referenceToJob(receiver) })),
    ...receivers.map((receiver) => ({ receiver, reference: referenceToConfiguration(receiver) })),
  ];
}

function happeningOf(
  { job, jobFile, params }: LocalRunOptions,
  run: string | null,
  end: Pick<Happening, 'event' | 'rows' | 'error'>,
): Happening {
  const at = new Date().toISOString();
  return {
    ...end,
    key: `${run ?? job.name}.${at.replaceAll(/[-:.]/g, '')}`,
    at,
    job: job.name,
    run,
    schedule: null,
    tick: null,
    deadline: null,
    params,
    output: resolveLocation(job.output.uri, path.dirname(jobFile)),
  };
}

async function notify(
  receivers: readonly KnownReceiver[],
  happening: Happening,
  settings: NotifySettings,
  { notice }: Pick<RunEvents, 'notice'>,
): Promise<void> {
  const wanting = receivers.filter(({ receiver }) => receiver.on.includes(happening.event));
  await Promise.all(
    wanting.map(async ({ reference }) => {
      const notification = notificationOf(happening, `${happening.key}.${nameOf(reference)}`);
      const until = Date.now() + GIVE_UP_MS;
      for (let failures = 1; ; failures++) {
        try {
          await deliver({ receiver: reference, notification }, settings, Date.now(), {
            timeoutMs: REQUEST_TIMEOUT_MS,
          });
          return;
        } catch (thrown) {
          const { code, message, where = '' } = toShardmillError(thrown);
          const pauseMs = backoffMs(RETRY, failures, Math.random());
          if (code !== 'NOTIFY_FAILED' || Date.now() + pauseMs >= until) {
            notice(`a notification was not delivered: ${code} ${message} (${where})`);
            return;
          }
          await sleep(pauseMs);
        }
      }
    }),
  );
}
