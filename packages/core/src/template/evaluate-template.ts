import { ShardmillError } from '../errors/shardmill-error.js';
import { instantAt, offsetAt, wallClockAt } from '../time/time-zone.js';
import { parseTimestamp, timestampText, zonedTimestampText } from '../time/timestamp.js';
import { addMonths, DAY_MS, dayText, isInYears, parseDay } from '../time/wall-clock.js';
import { formatMoment } from './date-pattern.js';
import type { DateStep, TemplateExpression } from './parse-template.js';

/** A parameter's value as a template uses it. */
export interface TemplateValue {
  /** `text` is put in as it is; the others can be moved and written in another form. */
  readonly type: 'text' | 'date' | 'timestamp';
  /** `2026-01-31`, `2026-01-31T05:00:00Z`, or any text. */
  readonly text: string;
}

/**
 * The text that an expression stands for.
 * @param zone in which a day of a timestamp begins and in which it is written, where the expression
 *   names no other.
 * @throws TEMPLATE_INVALID for what the value cannot do, and for dates outside the years 1 to 9999.
 */
export function evaluateTemplate(
  expression: TemplateExpression,
  value: TemplateValue,
  zone: string,
  where: string,
): string {
  switch (value.type) {
    case 'text':
      return textOf(expression, value.text, where);
    case 'date':
      return dateOf(expression, value.text, where);
    case 'timestamp':
      return timestampOf(expression, value.text, zone, where);
    default: {
      const unknown: never = value.type;
      return unknown;
    }
  }
}

function textOf(
  { name, steps, zone, format }: TemplateExpression,
  text: string,
  where: string,
): string {
  if (steps.length === 0 && zone === undefined && format === undefined) return text;
  const remedy =
    name === 'ds_nodash'
      ? 'Write {{ ds - 1d | yyyyMMdd }}.'
      : `Declare it as a date: params: { ${name}: { type: 'date' } }, or use {{ ${name} }} alone.`;
  throw new ShardmillError(
    'TEMPLATE_INVALID',
    `the template calculates with "${name}", which is no date`,
    { where, remedy },
  );
}

function dateOf(
  { name, steps, zone, format }: TemplateExpression,
  text: string,
  where: string,
): string {
  if (zone !== undefined) throw notOfDays(name, `"in ${zone}"`, where);
  let wallMs = parseDay(text);
  if (wallMs === undefined) throw unreadable(name, text, where);
  for (const step of steps) {
    if (ELAPSED_MS[step.unit] !== undefined) {
      throw notOfDays(name, `"${step.amount} ${step.unit}"`, where);
    }
    wallMs = inYears(moveDays(wallMs, step), name, where);
  }
  return format === undefined ? dayText(wallMs) : formatMoment({ wallMs }, format, where);
}

function timestampOf(
  { name, steps, zone, format }: TemplateExpression,
  text: string,
  ownZone: string,
  where: string,
): string {
  let instantMs = parseTimestamp(text);
  if (instantMs === undefined) throw unreadable(name, text, where);
  const inZone = zone ?? ownZone;
  for (const step of steps) {
    const elapsedMs = ELAPSED_MS[step.unit];
    const moved =
      elapsedMs === undefined
        ? instantAt(inYears(moveDays(wallClockAt(instantMs, inZone), step), name, where), inZone)
        : instantMs + step.amount * elapsedMs;
    instantMs = inYears(moved, name, where);
  }
  if (format !== undefined) {
    const moment = {
      wallMs: wallClockAt(instantMs, inZone),
      offsetMs: offsetAt(instantMs, inZone),
    };
    return formatMoment(moment, format, where);
  }
  return zone === undefined ? timestampText(instantMs) : zonedTimestampText(instantMs, zone);
}

/** Units that are a length of time; the others are steps in a calendar. */
const ELAPSED_MS: Readonly<Partial<Record<DateStep['unit'], number>>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
};

function moveDays(wallMs: number, { amount, unit }: DateStep): number {
  switch (unit) {
    case 'year':
      return addMonths(wallMs, amount * 12);
    case 'month':
      return addMonths(wallMs, amount);
    case 'week':
      return wallMs + amount * 7 * DAY_MS;
    case 'day':
      return wallMs + amount * DAY_MS;
    case 'hour':
    case 'minute':
    case 'second':
      throw new RangeError(`${unit} is no step of a calendar`);
    default: {
      const unknown: never = unit;
      return unknown;
    }
  }
}

function inYears(ms: number, name: string, where: string): number {
  if (isInYears(ms)) return ms;
  throw new ShardmillError(
    'TEMPLATE_INVALID',
    `the template leads from "${name}" out of the years 1 to 9999`,
    { where, remedy: 'Use a smaller number, as in {{ ds - 1 month }}.' },
  );
}

function notOfDays(name: string, seen: string, where: string): ShardmillError {
  return new ShardmillError(
    'TEMPLATE_INVALID',
    `the template uses ${seen} with "${name}", which is a day without a time or a zone`,
    { where, remedy: 'Use days, weeks, months or years, as in {{ ds - 1d }}; or {{ ts - 1h }}.' },
  );
}

/** Values are checked before they get here; a stored one may have been changed. */
function unreadable(name: string, text: string, where: string): ShardmillError {
  return new ShardmillError('PARAMETER_INVALID', `"${name}" is "${text}", which is no date`, {
    where,
  });
}
