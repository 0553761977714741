import { parseBytes, parseDurationMs } from './values/units.js';

/**
 * What numbers and units may be in job definitions, settings and options: beyond these, a machine
 * runs out of memory, a timer out of bits or a number out of digits. Every message has both ends.
 */

/** A range of whole numbers, both ends included. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

export const ROWS_PER_CALL: Range = { least: 1, most: 2 ** 20 };
export const TOKENS_PER_CALL: Range = { least: 1, most: 2 ** 24 };
/** Lanes of one process: more of them is a mistake on any machine that there is. */
export const LANES: Range = { least: 1, most: 1024 };
export const THREADS_PER_LANE: Range = { least: 1, most: 1024 };
export const ENGINES: Range = { least: 1, most: 1024 };
export const PART_ROWS: Range = { least: 1, most: 10_000_000_000 };
export const SHARD_PARTS: Range = { least: 1, most: 10_000 };
export const ATTEMPTS: Range = { least: 1, most: 100 };
/** Attempts at a tick of a schedule after the first one. */
export const TICK_RETRIES: Range = { least: 0, most: 100 };
/** Ticks of a schedule that are run late, or wait for their turn. */
export const CATCH_UP_TICKS: Range = { least: 1, most: 1000 };
export const ROW_GROUP_ROWS: Range = { least: 1, most: 100_000_000 };
/** Elements of a list column. */
export const FEATURE_WIDTH: Range = { least: 1, most: 2 ** 20 };
/** Tokens of a text. */
export const TOKENS: Range = { least: 1, most: 2 ** 17 };
/** Rejected rows, and whatever else is counted. */
export const COUNT: Range = { least: 0, most: Number.MAX_SAFE_INTEGER };

/** Files or rows that a run waits for. */
export const WAIT_COUNT: Range = { least: 1, most: Number.MAX_SAFE_INTEGER };

const MIN_MEMORY = '1MB';
const MAX_MEMORY = '1024TiB';
/** Node's timers count milliseconds in 31 bits: a longer one ends at once. */
const MAX_DURATION = '576h';

export const wholeNumberFrom = ({ least, most }: Range): string =>
  most === Number.MAX_SAFE_INTEGER
    ? `expected a whole number from ${least} on, of at most 15 digits`
    : `expected a whole number from ${least} to ${most}`;

export const isIn = (value: number, { least, most }: Range): boolean =>
  Number.isSafeInteger(value) && value >= least && value <= most;

export const durationMessage = (least: string): string =>
  `expected a time from "${least}" to "${MAX_DURATION}", such as "15m"`;
export const DURATION_MESSAGE = durationMessage('0ms');
export const POSITIVE_DURATION_MESSAGE = durationMessage('1ms');

/** `90s`, `15m`, `2h`, up to 24 days. */
export function isDuration(text: string, least: string): boolean {
  if (!/^\d+(\.\d+)?\s*(ms|s|m|h)$/.test(text)) return false;
  const ms = parseDurationMs(text);
  return ms >= parseDurationMs(least) && ms <= parseDurationMs(MAX_DURATION);
}

export const MEMORY_MESSAGE = `expected a size from "${MIN_MEMORY}" to "${MAX_MEMORY}" such as "700MB", or from "1%" to "100%"`;

/** `700MB`, `2GiB`, `60%`, or bytes. */
export function isMemorySize(size: string | number): boolean {
  if (typeof size === 'string' && !/^\d+(\.\d+)?\s*(%|[KMGT]i?B)$/.test(size)) return false;
  if (typeof size === 'string' && size.endsWith('%')) {
    const percent = Number(size.slice(0, -1));
    return percent >= 1 && percent <= 100;
  }
  const bytes = parseBytes(size, 0);
  return (
    Number.isSafeInteger(bytes) &&
    bytes >= parseBytes(MIN_MEMORY, 0) &&
    bytes <= parseBytes(MAX_MEMORY, 0)
  );
}

const MIN_FILE = '64KiB';
/** What one PUT of S3 takes is 5 GiB, and an estimate can be too low. */
const MAX_FILE = '4GiB';
export const FILE_SIZE_MESSAGE = `expected a size from "${MIN_FILE}" to "${MAX_FILE}", such as "128MiB"`;

/** Of `output.targetFileBytes`: `128MiB`, or bytes. */
export function isFileSize(size: string | number): boolean {
  if (typeof size === 'string' && !/^\d+(\.\d+)?\s*[KMGT]i?B$/.test(size)) return false;
  const bytes = parseBytes(size, 0);
  return bytes >= parseBytes(MIN_FILE, 0) && bytes <= parseBytes(MAX_FILE, 0);
}

/** Of `limits.maxDuration`. */
export const MIN_MAX_DURATION = '1s';

const MAX_COST = 1_000_000_000;
export const COST_MESSAGE = `expected a number above 0, up to ${MAX_COST}, such as 12.5`;

/** An amount of money, in the currency of the prices. */
export const isCost = (cost: number): boolean => cost > 0 && cost <= MAX_COST;

export const BUDGET_MESSAGE =
  'expected a count such as 100, of at most 15 digits, or a percentage from "0%" to "100%" such as "0.1%"';

export const SHARE_MESSAGE =
  'expected a share from 0 to 1, or a percentage from "0%" to "100%" such as "0.1%"';

/** `0.001`, or `0.1%`. */
export function isShare(share: string | number): boolean {
  if (typeof share === 'number') return share >= 0 && share <= 1;
  return /^\d+(\.\d+)?\s*%$/.test(share) && Number(share.slice(0, -1)) <= 100;
}

/** A share as a number: `0.01` of `'1%'`. */
export function shareOf(share: string | number): number {
  if (typeof share === 'number') return share;
  return share.endsWith('%') ? Number(share.slice(0, -1)) / 100 : Number(share);
}

/** A count of rows, or a percentage of the rows read. */
export function isRowBudget(budget: string | number): boolean {
  if (typeof budget === 'number') return isIn(budget, COUNT);
  if (/^\d+$/.test(budget)) return isIn(Number(budget), COUNT);
  return /^\d+(\.\d+)?\s*%$/.test(budget) && Number(budget.slice(0, -1)) <= 100;
}
