import { createHash } from 'node:crypto';
import { mapConcurrent, type ObjectStore, OUTPUT_MODES } from '@shardmill/core';
import { parseJson } from '@shardmill/core/plans';
import { scheduleShape } from '@shardmill/core/schemas';
import { z } from 'zod';
import { allowsNext, foldTick, newTick, type TickRecord } from './fold-tick.js';
import type { ScheduleHead, TickHistory } from './schedule-state.js';
import { tickEventSchema } from './tick-schema.js';

/** How a schedule stood when it was written down. */
export interface ScheduleSummary {
  readonly head: ScheduleHead;
  readonly history: TickHistory;
  /** When it was written, in milliseconds since 1970. */
  readonly at: number;
}

const SUMMARIES_PREFIX = 'schedule-summaries/';
const FORMAT = 'shardmill-schedule-summaries/1';
/** Of ten thousand schedules, a page has a quarter of a megabyte. */
const PAGES = 64;
const AT_ONCE = 16;

/** The page that a schedule is on. */
export function pageOf(name: string): string {
  const hash = createHash('sha256').update(name).digest();
  return ((hash[0] ?? 0) % PAGES).toString(16).padStart(2, '0');
}

/**
 * How all schedules stand, in a few objects that schedulers write now and then: what lists them
 * need not read each, and a scheduler that starts need not either. A summary decides nothing. All
 * that it says was so once, and what is decided about a tick never changes: one that is out of date
 * is only behind, whichever of two schedulers wrote it last.
 */
export class SummaryPages {
  constructor(readonly store: ObjectStore) {}

  /** Those that can be read, by name. @throws STORE_… */
  async read(): Promise<Map<string, ScheduleSummary>> {
    const keys: string[] = [];
    for await (const { key } of this.store.list(SUMMARIES_PREFIX)) keys.push(key);
    const pages = await mapConcurrent(keys, AT_ONCE, async (key) => {
      const bytes = await this.store.read(key);
      return bytes === undefined ? [] : summariesIn(parseJson(bytes));
    });
    return new Map(pages.flat().map((summary) => [summary.head.name, summary]));
  }

  /** Replaces a page. @param summaries all that belong on it. */
  async write(page: string, summaries: readonly ScheduleSummary[], at: number): Promise<void> {
    const schedules = summaries.map(({ head, history }) => ({ head, ...storedHistory(history) }));
    const content = JSON.stringify({ format: FORMAT, at: new Date(at).toISOString(), schedules });
    await this.store.replace(`${SUMMARIES_PREFIX}${page}.json`, Buffer.from(content));
  }
}

const storedTick = z
  .strictObject({ id: z.string(), events: z.array(tickEventSchema).min(1) })
  .nullable();

const entrySchema = z.strictObject({
  head: z.strictObject({
    name: z.string(),
    version: z.int(),
    since: z.iso.datetime(),
    paused: z.boolean(),
    removed: z.boolean(),
    triggers: z.array(
      z.strictObject({
        number: z.int(),
        at: z.string(),
        by: z.string(),
        tick: z.iso.datetime(),
        mode: z.enum(OUTPUT_MODES).nullable(),
      }),
    ),
    job: z.string(),
    schedule: scheduleShape,
  }),
  cursor: z.iso.datetime().nullable(),
  open: z.array(storedTick),
  last: storedTick,
  lastSuccess: storedTick,
  triggered: z.int(),
});

const pageSchema = z.strictObject({
  format: z.literal(FORMAT),
  at: z.iso.datetime(),
  schedules: z.array(z.unknown()),
});

function summariesIn(value: unknown): ScheduleSummary[] {
  const page = pageSchema.safeParse(value);
  if (!page.success) return [];
  const at = Date.parse(page.data.at);
  return page.data.schedules.flatMap((entry) => {
    const parsed = entrySchema.safeParse(entry);
    if (!parsed.success) return [];
    const { head, cursor, open, last, lastSuccess, triggered } = parsed.data;
    const ticks = (stored: readonly StoredTick[]): TickRecord[] =>
      stored.flatMap((tick) => restored(head.name, tick) ?? []);
    const history: TickHistory = {
      cursor: cursor === null ? undefined : Date.parse(cursor),
      open: ticks(open),
      last: ticks([last])[0],
      lastSuccess: ticks([lastSuccess])[0],
      triggered,
    };
    return [{ head, history, at }];
  });
}

type StoredTick = z.output<typeof storedTick>;

function storedHistory(history: TickHistory): Omit<z.input<typeof entrySchema>, 'head'> {
  const { cursor, open, last, lastSuccess, triggered } = history;
  const stored = (tick: TickRecord | undefined): StoredTick =>
    tick === undefined ? null : { id: tick.id, events: [...tick.events] };
  return {
    cursor: cursor === undefined ? null : new Date(cursor).toISOString(),
    open: open.map(stored),
    last: stored(last),
    lastSuccess: stored(lastSuccess),
    triggered,
  };
}

function restored(schedule: string, stored: StoredTick): TickRecord | undefined {
  if (stored === null) return undefined;
  let tick: TickRecord | undefined;
  for (const event of stored.events) {
    if (!allowsNext(tick, event.kind)) return undefined;
    tick = tick === undefined ? newTick(schedule, stored.id, event) : foldTick(tick, event);
  }
  return tick;
}
