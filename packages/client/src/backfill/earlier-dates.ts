import {
  type DateFinding,
  type DateOutcome,
  dateStates,
  hasEndedBackfill,
  isOpen,
  jobOfDate,
  stampOf,
  type TickRecord,
} from '@shardmill/scheduler';
import type { Fleet } from '../fleet/fleet.js';
import { scheduleStores } from '../schedules/schedules.js';
import { backfillsOf } from './backfills-of.js';

/** What schedules and earlier backfills of a job know of its dates. */
export interface EarlierDates {
  /** What is about to score a location, of a date where several share it; undefined where nothing is. */
  coming(output: string, ts: string | undefined): string | undefined;
  /** The last run that did not finish. */
  failed(ts: string): Promise<DateFinding | undefined>;
  /** Rows and seconds of the last dates that finished, whichever they were. */
  past(): Promise<PastRun[]>;
}

interface PastRun {
  readonly rows: number;
  readonly seconds: number;
}

/** Runs from which it is estimated how long others take. */
const PAST_RUNS = 10;

/** Earlier backfills that are looked at: the latest of them know what counts. */
const LOOKED_BACK = 50;

/** A run that failed before it wrote anything has left a trace only here. */
export async function earlierDates(fleet: Fleet, job: string): Promise<EarlierDates> {
  const backfills = backfillsOf(fleet);
  const coming = new Map<string, string>();
  const outcomes = new Map<string, LastOutcome>();
  for (const id of (await backfills.ids()).slice(0, LOOKED_BACK)) {
    const backfill = await backfills.find(id);
    if (backfill === undefined || backfill.request.job.name !== job) continue;
    // Whether a process still works on one that is run locally cannot be known.
    const goesOn = backfill.request.place === 'fleet' && !hasEndedBackfill(backfill);
    const states = dateStates(backfill.request.dates, await backfills.outcomes(id), backfill.round);
    for (const { date, state, counting } of states) {
      if (state === 'open' && goesOn) {
        const { output } = jobOfDate(backfill.request, date).job;
        coming.set(output.uri, `backfill ${id} runs it`);
        coming.set(keyOf(output.uri, date.ts), `backfill ${id} runs it`);
      }
      const stamp = stampOf(date.ts);
      // Of the latest backfill that has it.
      if (counting === undefined || outcomes.has(stamp)) continue;
      outcomes.set(stamp, {
        state: counting.outcome,
        read: () => backfills.outcome(id, date.ts, counting),
      });
    }
  }
  const { log } = scheduleStores(fleet);
  const ticks = new Set(await log.ids(job));
  return {
    coming: (output, ts) => coming.get(ts === undefined ? output : keyOf(output, ts)),
    async failed(ts) {
      const stamp = stampOf(ts);
      const tick = ticks.has(stamp) ? await log.find(job, stamp) : undefined;
      if (tick !== undefined && isOpen(tick)) {
        return { kind: 'under-way', what: `tick ${stamp} of the schedule is ${tick.phase}` };
      }
      if (tick !== undefined && (tick.phase === 'failed' || tick.phase === 'cancelled')) {
        const ended = tick.events.findLast((event) => event.kind === 'ended');
        const code = ended?.error?.code ?? null;
        return { kind: 'failed', run: tick.run ?? stamp, how: tick.phase, code, atOutput: false };
      }
      const last = outcomes.get(stamp);
      if (last === undefined || last.state === 'finished' || last.state === 'skipped') {
        return undefined;
      }
      const { run, error } = await last.read();
      return { kind: 'failed', run, how: last.state, code: error?.code ?? null, atOutput: false };
    },
    async past() {
      const latest = [...ticks].toSorted().slice(-PAST_RUNS);
      const ended = await Promise.all(latest.map((id) => log.find(job, id)));
      const ofTicks = ended.flatMap((tick) => (tick === undefined ? [] : pastTick(tick)));
      if (ofTicks.length > 0) return ofTicks;
      const finished = [...outcomes.values()].filter(({ state }) => state === 'finished');
      const read = await Promise.all(finished.slice(0, PAST_RUNS).map((one) => one.read()));
      return read.flatMap(({ rows, seconds }) =>
        rows === null || seconds === null ? [] : [{ rows: rows.read, seconds }],
      );
    },
  };
}

interface LastOutcome {
  readonly state: DateOutcome['outcome'];
  readonly read: () => Promise<DateOutcome>;
}

function pastTick({ events }: TickRecord): PastRun[] {
  const started = events.findLast((event) => event.kind === 'started');
  const ended = events.findLast((event) => event.kind === 'ended');
  if (started === undefined || ended === undefined || ended.rows === null) return [];
  const seconds = (Date.parse(ended.at) - Date.parse(started.at)) / 1000;
  return [{ rows: ended.rows.read, seconds }];
}

const keyOf = (output: string, ts: string): string => `${output}\n${stampOf(ts)}`;
