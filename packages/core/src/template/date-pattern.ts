import { ShardmillError } from '../errors/shardmill-error.js';
import { offsetText } from '../time/timestamp.js';
import { dayOfWeek, dayOfYear, fieldsOf, isoWeek } from '../time/wall-clock.js';

/** What is written of a day, or of an instant as the clocks of a zone show it. */
export interface Moment {
  readonly wallMs: number;
  /** How far the zone is ahead of UTC; none for a day. */
  readonly offsetMs?: number | undefined;
}

const digits = (value: number, width: number): string => String(value).padStart(width, '0');

type Write = (moment: Moment) => string;

const DAY_NAMES = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Letters of Unicode's date patterns (LDML), as Java, Spark and DuckDB's users know them. */
const OF_DAYS: Readonly<Record<string, Write>> = {
  yyyy: ({ wallMs }) => digits(fieldsOf(wallMs).year, 4),
  yy: ({ wallMs }) => digits(fieldsOf(wallMs).year % 100, 2),
  MM: ({ wallMs }) => digits(fieldsOf(wallMs).month, 2),
  M: ({ wallMs }) => String(fieldsOf(wallMs).month),
  dd: ({ wallMs }) => digits(fieldsOf(wallMs).day, 2),
  d: ({ wallMs }) => String(fieldsOf(wallMs).day),
  DDD: ({ wallMs }) => digits(dayOfYear(wallMs), 3),
  EEE: ({ wallMs }) => DAY_NAMES[dayOfWeek(wallMs) - 1] ?? '',
  Q: ({ wallMs }) => String(Math.ceil(fieldsOf(wallMs).month / 3)),
  YYYY: ({ wallMs }) => digits(isoWeek(wallMs).year, 4),
  ww: ({ wallMs }) => digits(isoWeek(wallMs).week, 2),
};

const OF_TIMES: Readonly<Record<string, Write>> = {
  HH: ({ wallMs }) => digits(fieldsOf(wallMs).hour, 2),
  H: ({ wallMs }) => String(fieldsOf(wallMs).hour),
  mm: ({ wallMs }) => digits(fieldsOf(wallMs).minute, 2),
  m: ({ wallMs }) => String(fieldsOf(wallMs).minute),
  ss: ({ wallMs }) => digits(fieldsOf(wallMs).second, 2),
  s: ({ wallMs }) => String(fieldsOf(wallMs).second),
  SSS: ({ wallMs }) => digits(fieldsOf(wallMs).millisecond, 3),
  XXX: ({ offsetMs = 0 }) => offsetText(offsetMs),
};

/** What is often written for something else. */
const CORRECTIONS: Readonly<Record<string, string>> = {
  DD: 'write dd for the day of the month, DDD for that of the year',
  D: 'write d for the day of the month, DDD for that of the year',
  hh: 'write HH for the hours from 00 to 23',
  h: 'write H for the hours from 0 to 23',
  Y: 'write yyyy for the year',
  YY: 'write yy for the year',
  y: 'write yyyy for the year',
  MMM: 'write MM for the number of the month',
  MMMM: 'write MM for the number of the month',
  S: 'write SSS for milliseconds',
  Z: 'write XXX for the offset from UTC',
};

const PIECE = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+|'/g;

/**
 * A moment as a pattern such as `yyyy/MM/dd` says. Letters are fields; other characters, and
 * letters in single quotes, are taken as they are; `''` is one quote.
 * @throws TEMPLATE_INVALID for letters that are no field, or a field that a day does not have.
 */
export function formatMoment(moment: Moment, pattern: string, where: string): string {
  const pieces = [...pattern.matchAll(PIECE)];
  if (pieces.some(([text]) => text === "'")) {
    throw refusal(pattern, 'a quote is not closed', where);
  }
  const tokens = pieces.flatMap(([text, , letter]) => (letter === undefined ? [] : [text]));
  checkPattern(pattern, tokens, moment.offsetMs !== undefined, where);
  return pieces
    .map(([text, quoted, letter]) => {
      if (letter !== undefined) return (OF_DAYS[text] ?? OF_TIMES[text])?.(moment) ?? '';
      if (quoted === undefined) return text;
      return quoted === '' ? "'" : quoted.replaceAll("''", "'");
    })
    .join('');
}

function checkPattern(
  pattern: string,
  tokens: readonly string[],
  hasTime: boolean,
  where: string,
): void {
  if (pattern.includes('%')) {
    throw refusal(pattern, 'write fields as letters, such as yyyy-MM-dd for %Y-%m-%d', where);
  }
  for (const token of tokens) {
    if (Object.hasOwn(OF_DAYS, token)) continue;
    if (!Object.hasOwn(OF_TIMES, token)) {
      throw refusal(pattern, `"${token}" is no field: ${correctionOf(token)}`, where);
    }
    if (hasTime) continue;
    const month =
      token === 'mm' || token === 'm' ? `; write ${token.toUpperCase()} for the month` : '';
    throw refusal(
      pattern,
      `"${token}" is of the time of day, which a date does not have${month}`,
      where,
    );
  }
  const [year, week] = [tokens.includes('YYYY'), tokens.includes('ww')];
  if (year && !week) {
    throw refusal(
      pattern,
      '"YYYY" is the year that a week belongs to, which differs from the date\'s around New Year: write yyyy',
      where,
    );
  }
  if (week && !year) {
    throw refusal(
      pattern,
      '"ww" goes with the year that the week belongs to: write YYYY before it',
      where,
    );
  }
}

function correctionOf(token: string): string {
  if (Object.hasOwn(CORRECTIONS, token)) return CORRECTIONS[token] ?? '';
  const fields = [...Object.keys(OF_DAYS), ...Object.keys(OF_TIMES)].join(', ');
  return `fields are ${fields}; put other letters in single quotes`;
}

function refusal(pattern: string, why: string, where: string): ShardmillError {
  return new ShardmillError('TEMPLATE_INVALID', `the format "${pattern}" is wrong: ${why}`, {
    where,
    remedy: "Write it as in {{ ds | yyyy/MM/dd }} or {{ ts | yyyyMMdd'T'HHmm }}.",
  });
}
