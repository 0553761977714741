import { mapConcurrent } from '@shardmill/core';
import { nextTick, nextTicks } from '@shardmill/core/schedules';
import {
  headOf,
  isOpen,
  jitterMs,
  parseTickId,
  readHistory,
  type ScheduleHead,
  type ScheduleSummary,
  type StoredSchedule,
  type TickHistory,
  type TickId,
  type TickRecord,
} from '@shardmill/scheduler';
import type { Fleet } from '../fleet/fleet.js';
import { scheduleStores } from './schedules.js';

/** A tick as it is shown. */
export interface ListedTick {
  readonly id: TickId;
  /** Its logical time, milliseconds since 1970. */
  readonly tick: number;
  /** Whether a person asked for it. */
  readonly triggered: boolean;
  readonly phase: TickRecord['phase'];
  /** Why it was skipped; null otherwise. */
  readonly reason: string | null;
  /** The last of the ticks that were skipped with it, and how many they are; null where it is one. */
  readonly through: number | null;
  readonly ticks: number | null;
  readonly run: string | null;
  readonly attempts: number;
  /** Whether its deadline passed before its end. */
  readonly overdue: boolean;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** The time of the next attempt, while one is waited for. */
  readonly retryAt: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export type ScheduleState =
  /** The definition says `enabled: false`. */
  | 'disabled'
  | 'paused'
  /** No tick is to come. */
  | 'ended'
  /** A tick is due, and no scheduler has taken it up. */
  | 'late'
  | 'running'
  | 'queued'
  | 'retrying'
  /** Its last tick failed or was cancelled. */
  | 'failed'
  /** Its last tick was skipped. */
  | 'skipped'
  | 'ok'
  /** No tick has come yet. */
  | 'new';

export interface ListedSchedule {
  readonly name: string;
  readonly job: string;
  readonly cron: string;
  readonly timezone: string;
  readonly state: ScheduleState;
  /** Milliseconds since 1970; null where none is to come, or it is paused. */
  readonly next: number | null;
  /** How long a tick has been due that no scheduler took up, in milliseconds; 0 usually. */
  readonly latenessMs: number;
  /** The tick that ended or was skipped last. */
  readonly last: ListedTick | null;
  readonly lastSuccess: ListedTick | null;
  /** Those that have not ended. */
  readonly open: readonly ListedTick[];
}

/** Schedules that are read one by one where no scheduler has written down how they stand. */
const READ_SINGLY = 64;
const AT_ONCE = 16;
/** Schedulers write a summary this soon where something has changed. */
const FRESH_MS = 90_000;
/** A tick that is due is taken up within this time where all is well. */
const TAKEN_UP_MS = 10_000;

/**
 * All schedules by name. What is read does not grow with the ticks: two listings, the pages that
 * schedulers write, and of what these do not know a bounded number of schedules one by one.
 * @throws STORE_…
 */
export async function listSchedules(fleet: Fleet, now = Date.now()): Promise<ListedSchedule[]> {
  const { registry, log, summaries } = scheduleStores(fleet);
  const [versions, known] = await Promise.all([registry.versions(), summaries.read()]);
  const marked = await log.openBySchedule();

  let singly = 0;
  const names = [...versions.keys()].toSorted();
  const listed = await mapConcurrent(names, AT_ONCE, async (name) => {
    const summary = known.get(name);
    const current = summary?.head.version === versions.get(name) ? summary : undefined;
    const head = current?.head ?? (await headFrom(registry.version(name, versions.get(name) ?? 0)));
    if (head === undefined || head.removed) return undefined;
    const old = summary === undefined || mayBeBehind(summary, marked.get(name) ?? [], now);
    const history =
      old && singly++ < READ_SINGLY
        ? await readHistory(log, name, marked.get(name) ?? [])
        : summary?.history;
    return listedSchedule(head, history, now);
  });
  return listed.flatMap((schedule) => (schedule === undefined ? [] : [schedule]));
}

/** Whether something has happened since a summary was written that it does not know of. */
function mayBeBehind({ head, history, at }: ScheduleSummary, open: readonly TickId[], now: number) {
  const known = new Set(history.open.map(({ id }) => id));
  if (open.length !== known.size || open.some((id) => !known.has(id))) return true;
  if (now - at <= FRESH_MS) return false;
  const since = Math.max(Date.parse(head.since), history.cursor ?? 0);
  return known.size > 0 || (nextTick(head.schedule, since) ?? now) < now;
}

async function headFrom(
  found: Promise<StoredSchedule | undefined>,
): Promise<ScheduleHead | undefined> {
  const schedule = await found;
  return schedule && headOf(schedule);
}

export interface ShownSchedule extends ListedSchedule {
  /** Its last version, with everything that its runs need. */
  readonly definition: StoredSchedule;
}

/** @throws SCHEDULE_NOT_FOUND */
export async function showSchedule(fleet: Fleet, name: string): Promise<ShownSchedule> {
  const { registry, log } = scheduleStores(fleet);
  const definition = await registry.get(name);
  const open = await log.openBySchedule();
  const history = await readHistory(log, name, open.get(name) ?? []);
  return { ...listedSchedule(headOf(definition), history, Date.now()), definition };
}

/** The next ticks, milliseconds since 1970. @throws SCHEDULE_NOT_FOUND */
export async function nextOfSchedule(
  fleet: Fleet,
  name: string,
  count: number,
): Promise<{ readonly timezone: string; readonly ticks: readonly number[] }> {
  const { schedule } = (await scheduleStores(fleet).registry.get(name)).work.job;
  return { timezone: schedule.timezone, ticks: nextTicks(schedule, Date.now(), count) };
}

/** What became of the last ticks, the latest first; also of a schedule that was removed. @throws SCHEDULE_NOT_FOUND */
export async function historyOfSchedule(
  fleet: Fleet,
  name: string,
  count: number,
): Promise<ListedTick[]> {
  const { registry, log } = scheduleStores(fleet);
  const ids = (await log.ids(name)).slice(-count).toReversed();
  if (ids.length === 0) await registry.get(name);
  const ticks = await mapConcurrent(ids, AT_ONCE, (id) => log.find(name, id));
  return ticks.flatMap((tick) => (tick === undefined ? [] : [listedTick(tick)]));
}

export function listedTick(tick: TickRecord): ListedTick {
  const { tick: at = 0, trigger } = parseTickId(tick.id) ?? {};
  const skipped = tick.events.findLast((event) => event.kind === 'skipped');
  const started = tick.events.find((event) => event.kind === 'started');
  const failed = tick.events.findLast(
    (event) => event.kind === 'attempt-failed' || event.kind === 'ended',
  );
  const error = failed?.error ?? null;
  const retry = tick.phase === 'retrying' && failed?.kind === 'attempt-failed' ? failed : undefined;
  return {
    id: tick.id,
    tick: at,
    triggered: trigger !== undefined,
    phase: tick.phase,
    reason: skipped?.reason ?? null,
    through: skipped === undefined ? null : Date.parse(skipped.through),
    ticks: skipped?.ticks ?? null,
    run: tick.run,
    attempts: tick.attempt,
    overdue: tick.overdue,
    startedAt: started?.at ?? null,
    endedAt: tick.endedAt,
    retryAt: retry?.retryAt ?? null,
    error: error && { code: error.code, message: error.message },
  };
}

function listedSchedule(
  head: ScheduleHead,
  history: TickHistory | undefined,
  now: number,
): ListedSchedule {
  const { name, job, schedule, since, paused } = head;
  const stopped = paused || !schedule.enabled;
  // Without a history it is not known whether earlier ticks were taken up.
  const from = history === undefined ? now : Math.max(Date.parse(since), history.cursor ?? 0);
  const due = stopped ? undefined : nextTick(schedule, from);
  const latenessMs =
    due === undefined ? 0 : Math.max(0, now - due - jitterMs(name, schedule) - TAKEN_UP_MS);
  const next = due === undefined || due > now ? due : nextTick(schedule, now);
  const last = history?.last && listedTick(history.last);
  const open = (history?.open ?? []).filter(isOpen).map(listedTick);
  return {
    name,
    job,
    cron: schedule.cron,
    timezone: schedule.timezone,
    state: stateOf(head, open, last, latenessMs, next),
    next: next ?? null,
    latenessMs,
    last: last ?? null,
    lastSuccess: (history?.lastSuccess && listedTick(history.lastSuccess)) ?? null,
    open,
  };
}

function stateOf(
  { schedule, paused }: ScheduleHead,
  open: readonly ListedTick[],
  last: ListedTick | undefined,
  latenessMs: number,
  next: number | undefined,
): ScheduleState {
  const [first] = open;
  if (first !== undefined) {
    const phases = open.map(({ phase }) => phase);
    return phases.includes('running')
      ? 'running'
      : phases.includes('retrying')
        ? 'retrying'
        : 'queued';
  }
  if (!schedule.enabled) return 'disabled';
  if (paused) return 'paused';
  if (latenessMs > 0) return 'late';
  if (next === undefined) return 'ended';
  const phase = last?.phase;
  switch (phase) {
    case undefined:
      return 'new';
    case 'failed':
    case 'cancelled':
      return 'failed';
    case 'skipped':
      return 'skipped';
    case 'finished':
    case 'queued':
    case 'running':
    case 'retrying':
      return 'ok';
    default: {
      const unknown: never = phase;
      return unknown;
    }
  }
}
