import { InvariantError, type ObjectStore, ShardmillError } from '@shardmill/core';
import { parseJson } from '@shardmill/core/plans';
import { allows, foldEvent, newRun, type RegisteredRun } from './fold-run.js';
import { parseCollected, parseEvent, parseRequest } from './log-schema.js';
import type { RunEvent } from './run-event.js';
import { logKey } from './state-layout.js';

/**
 * The run with the whole of its log, or undefined where there is none, or one that is being deleted.
 * @throws PLAN_MISMATCH
 */
export async function readRun(store: ObjectStore, run: string): Promise<RegisteredRun | undefined> {
  const bytes = await store.read(logKey(run, 0));
  if (bytes === undefined) return undefined;
  const request = parseRequest(parseJson(bytes));
  if (typeof request === 'string') throw unreadable(store, run, 0, request);
  if (request.run !== run) throw unreadable(store, run, 0, `it is the request of ${request.run}`);
  return readFurther(store, newRun(request));
}

/**
 * The run with the events that were appended after those in `seen`.
 * @throws PLAN_MISMATCH; RUN_NOT_FOUND where it is being deleted
 */
export async function readOn(store: ObjectStore, seen: RegisteredRun): Promise<RegisteredRun> {
  const run = await readFurther(store, seen);
  if (run !== undefined) return run;
  throw new ShardmillError('RUN_NOT_FOUND', `run ${seen.request.run} was collected as garbage`, {
    where: store.uri,
  });
}

/** @returns undefined for a run that is being deleted. */
async function readFurther(
  store: ObjectStore,
  seen: RegisteredRun,
): Promise<RegisteredRun | undefined> {
  let known = seen;
  for (;;) {
    const number = known.events.length + 1;
    const id = known.request.run;
    const bytes = await store.read(logKey(id, number));
    if (bytes === undefined) return known;
    const entry = parseJson(bytes);
    if (parseCollected(entry) !== undefined) return undefined;
    const event = parseEvent(entry);
    if (typeof event === 'string') throw unreadable(store, id, number, event);
    if (!allows(known.phase, event.kind)) {
      throw unreadable(store, id, number, `"${event.kind}" cannot follow on "${known.phase}"`);
    }
    known = foldEvent(known, event);
  }
}

/**
 * Creates the event after those in `seen`.
 * @returns false where another one is there already. One that is the same to the last character
 * counts as this one: its answer may have been lost on the way.
 */
export async function appendEvent(
  store: ObjectStore,
  seen: RegisteredRun,
  event: RunEvent,
): Promise<boolean> {
  if (!allows(seen.phase, event.kind)) {
    throw new InvariantError(`"${event.kind}" cannot follow on "${seen.phase}"`);
  }
  return createOnce(store, logKey(seen.request.run, seen.events.length + 1), event);
}

/**
 * Ends the log of a run for good: from then on the run is not there for any process, and none
 * can take it up again while it is being deleted.
 * @returns false where something has happened since.
 */
export async function closeLog(
  store: ObjectStore,
  seen: RegisteredRun,
  at: Date,
): Promise<boolean> {
  const entry = { kind: 'collected', at: at.toISOString() };
  return createOnce(store, logKey(seen.request.run, seen.events.length + 1), entry);
}

/** When a log was closed whose last entry this is; undefined where it is not closed. */
export async function closedAt(
  store: ObjectStore,
  run: string,
  last: number,
): Promise<number | undefined> {
  const bytes = await store.read(logKey(run, last));
  const at = bytes === undefined ? undefined : parseCollected(parseJson(bytes));
  return at === undefined ? undefined : Date.parse(at);
}

/** @returns whether the object is there with this value, whichever process created it. */
export async function createOnce(
  store: ObjectStore,
  key: string,
  value: unknown,
): Promise<boolean> {
  // Not sorted: the order of a job's output columns means something.
  const bytes = Buffer.from(JSON.stringify(value));
  if ((await store.create(key, bytes)) === 'created') return true;
  const existing = await store.read(key);
  return existing !== undefined && bytes.equals(existing);
}

function unreadable(
  store: ObjectStore,
  run: string,
  number: number,
  reason: string,
): ShardmillError {
  const key = logKey(run, number);
  return new ShardmillError('PLAN_MISMATCH', `the log of run ${run} cannot be read: ${reason}`, {
    where: store.locate(key),
    remedy: 'It was written by another version: use that one for this run, or submit it anew.',
  });
}
