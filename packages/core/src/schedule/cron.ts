import { Cron } from 'croner';
import { zonedTimestampText } from '../time/timestamp.js';

/**
 * What `croner` makes of an expression. It decides what a tick is; we choose the rule for daylight
 * saving: a time of day without a wildcard or a step that does not exist is due at the end of the
 * gap, and one that is there twice is due the first time.
 */

/** Kept expressions: each holds a table of ten thousand years. */
const MAX_KEPT = 64;
const kept = new Map<string, KeptCron>();
/** Answers of each: schedules of one expression ask the same, and some ask again and again. */
const MAX_ANSWERS = 1024;

interface KeptCron {
  readonly cron: Cron;
  readonly next: Map<number, number | null>;
}

/** @throws Error where the expression is no right one; see `cronFault` */
export function openCron(cron: string, timezone: string): Cron {
  return keep(cron, timezone).cron;
}

/** The first instant after another one at which the expression fires, in milliseconds since 1970. */
export function nextOf(cron: string, timezone: string, after: number): number | null {
  const { cron: opened, next } = keep(cron, timezone);
  const known = next.get(after);
  if (known !== undefined) return known;
  const found = opened.nextRun(new Date(after))?.getTime() ?? null;
  next.set(after, found);
  dropOldest(next, MAX_ANSWERS);
  return found;
}

function keep(cron: string, timezone: string): KeptCron {
  const key = `${timezone}\n${cron}`;
  const known = kept.get(key);
  if (known !== undefined) {
    // The last one that was used is the last one to be forgotten.
    kept.delete(key);
    kept.set(key, known);
    return known;
  }
  const opened = new Cron(cron.trim(), {
    timezone,
    mode: '5-or-6-parts',
    fixedTimeRule: 'no-wildcard',
  });
  const entry = { cron: opened, next: new Map<number, number | null>() };
  kept.set(key, entry);
  dropOldest(kept, MAX_KEPT);
  return entry;
}

function dropOldest<K>(map: Map<K, unknown>, most: number): void {
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}

const FIELDS = ['second', 'minute', 'hour', 'day of the month', 'month', 'day of the week'];
const NICKNAMES = ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'];
const EXAMPLE = '0 5 * * *';
/** From here on every day of the calendar comes within eight years. */
const CALENDAR_START = Date.parse('2024-01-01T00:00:00Z');

/**
 * What is wrong with an expression, with the next ticks of a right one.
 * @returns undefined where nothing is.
 */
export function cronFault(cron: string, timezone: string, now: Date): string | undefined {
  const fault = syntaxFault(cron) ?? libraryFault(cron, timezone);
  if (fault === undefined) return undefined;
  return `${fault}; ${exampleTicks(timezone, now)}`;
}

/** `a right one is "0 5 * * *", next at … and …` */
export function exampleTicks(timezone: string, now: Date): string {
  const ticks = openCron(EXAMPLE, timezone).nextRuns(2, now);
  const texts = ticks.map((tick) => zonedTimestampText(tick.getTime(), timezone));
  return `a right one is "${EXAMPLE}" (05:00 every day), next at ${texts.join(' and ')}`;
}

function syntaxFault(cron: string): string | undefined {
  const text = cron.trim();
  if (text.startsWith('@')) {
    if (NICKNAMES.includes(text.toLowerCase())) return undefined;
    return `"${text}" is not known, expected one of ${NICKNAMES.join(', ')}`;
  }
  const fields = text.split(/\s+/);
  if (text !== '' && (fields.length === 5 || fields.length === 6)) return undefined;
  const seen = text === '' ? 'it is empty' : `there are ${fields.length} fields`;
  const five = FIELDS.slice(1).join(', ');
  return `${seen}, expected five (${five}) or six with the second before them`;
}

function libraryFault(cron: string, timezone: string): string | undefined {
  try {
    if (nextOf(cron, timezone, CALENDAR_START) !== null) return undefined;
    return 'it never fires: there is no such day in any year';
  } catch (error) {
    return inOurWords(error instanceof Error ? error.message : String(error));
  }
}

/** The library numbers the fields from 0, and gives some of them the names of its variables. */
function inOurWords(message: string): string {
  const illegal = /configuration entry (\d) \((.*)\) contains illegal characters/.exec(message);
  if (illegal !== null) return `the ${FIELDS[Number(illegal[1])]} cannot be "${illegal[2]}"`;
  return message
    .replace(/^CronPattern:\s*/, '')
    .replace(/\bdayOfWeek\b/, 'day of the week')
    .replace(/\.$/, '')
    .replace(/^./, (first) => first.toLowerCase());
}
