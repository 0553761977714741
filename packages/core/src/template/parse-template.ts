import { ShardmillError } from '../errors/shardmill-error.js';
import { isTimeZone } from '../time/time-zone.js';

type TimeUnit = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

/** One `+ 1d` or `- 2 months`. */
export interface DateStep {
  /** Negative for those taken away. */
  readonly amount: number;
  readonly unit: TimeUnit;
}

/** `NAME ± N UNIT … in ZONE | FORMAT`, of which all but the name may be left out. */
export interface TemplateExpression {
  readonly name: string;
  readonly steps: readonly DateStep[];
  readonly zone?: string | undefined;
  readonly format?: string | undefined;
}

const UNITS: Readonly<Record<string, TimeUnit>> = {
  s: 'second',
  sec: 'second',
  second: 'second',
  seconds: 'second',
  min: 'minute',
  minute: 'minute',
  minutes: 'minute',
  h: 'hour',
  hour: 'hour',
  hours: 'hour',
  d: 'day',
  day: 'day',
  days: 'day',
  w: 'week',
  week: 'week',
  weeks: 'week',
  month: 'month',
  months: 'month',
  y: 'year',
  year: 'year',
  years: 'year',
};

const UNIT_NAMES = 's, min, h, d, w, month, y, or whole words such as days';

/** @throws TEMPLATE_INVALID */
export function parseTemplate(text: string, where: string): TemplateExpression {
  const refuse = (why: string): never => {
    throw new ShardmillError('TEMPLATE_INVALID', `the template {{ ${text} }} is wrong: ${why}`, {
      where,
      remedy:
        'Write it as in {{ ds }}, {{ ds - 1d }}, {{ ds - 1 month | yyyy/MM }} or {{ ts - 2h in UTC | yyyy-MM-dd/HH }}.',
    });
  };
  const bar = text.indexOf('|');
  const format = bar === -1 ? undefined : text.slice(bar + 1).trim();
  if (format === '') return refuse('there is no format after the |');
  let rest = (bar === -1 ? text : text.slice(0, bar)).trim();
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    const match = pattern.exec(rest);
    if (match === null) return undefined;
    rest = rest.slice(match[0].length).trim();
    return match;
  };

  const name = take(/^[A-Za-z_]\w*/)?.[0];
  if (name === undefined) return refuse('it does not begin with the name of a parameter');
  const steps: DateStep[] = [];
  for (let step = take(STEP); step !== undefined; step = take(STEP)) {
    const [seen, sign, count = '', word = ''] = step;
    if (word === '') return refuse(`"${seen.trim()}" has no unit; units are ${UNIT_NAMES}`);
    const unit = Object.hasOwn(UNITS, word) ? UNITS[word] : undefined;
    if (unit === undefined) return refuse(`"${word}" is no unit: ${correctionOf(word)}`);
    if (count.length > MAX_DIGITS) return refuse(`${count} ${word} lead out of the calendar`);
    steps.push({ amount: (sign === '-' ? -1 : 1) * Number(count), unit });
  }
  const zone = take(/^in\s+(\S+)/)?.[1];
  if (zone !== undefined && !isTimeZone(zone)) {
    return refuse(`"${zone}" is no time zone, such as UTC or Asia/Dubai`);
  }
  if (rest !== '')
    return refuse(`"${rest}" was not expected after "${text.slice(0, text.indexOf(rest)).trim()}"`);
  return { name, steps, zone, format };
}

const STEP = /^([+-])\s*(\d+)\s*([A-Za-z]*)/;
const MAX_DIGITS = 7;

function correctionOf(word: string): string {
  if (word.toLowerCase() === 'm') return 'write "min" for minutes, "month" for months';
  const lower = word.toLowerCase();
  if (Object.hasOwn(UNITS, lower)) return `write "${lower}"`;
  return `units are ${UNIT_NAMES}`;
}
