import {
  BUDGET_MESSAGE,
  COST_MESSAGE,
  COUNT,
  durationMessage,
  isCost,
  isDuration,
  isIn,
  isMemorySize,
  isRowBudget,
  MEMORY_MESSAGE,
  MIN_MAX_DURATION,
  type Range,
  wholeNumberFrom,
} from '@shardmill/core';
import { InvalidArgumentError } from 'commander';

/** Values of command line options, checked where they are read. All throw a usage error. */

/** Adds `NAME=VALUE` to those given before; the value may hold further `=`. */
export function addParameter(
  text: string,
  given: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const at = text.indexOf('=');
  const name = text.slice(0, at).trim();
  if (at <= 0 || !/^[A-Za-z_]\w*$/.test(name)) {
    throw new InvalidArgumentError('Expected NAME=VALUE, for example ds=2026-01-31.');
  }
  if (Object.hasOwn(given, name)) {
    throw new InvalidArgumentError(
      `The parameter ${name} was given before, as ${name}=${given[name]}.`,
    );
  }
  return { ...given, [name]: text.slice(at + 1) };
}

/** Adds a name to those given before. */
export function addName(text: string, given: readonly string[] = []): string[] {
  return [...given, text];
}

/** Adds the names of a list with commas to those given before; a name with a comma is given in quotes, as in CSV. */
export function addNames(text: string, given: readonly string[] = []): string[] {
  const names = [...text.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/g)]
    .map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain.trim())
    .filter((name) => name !== '');
  if (names.length > 0) return [...given, ...names];
  throw new InvalidArgumentError('Expected names with commas between them, such as age,city.');
}

/** Any number, as `0.5`, `-3` or `1e-5`. */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Expected a number, such as 0.5.');
}

/** 0 or more, as `1e-5` or `0.001`. */
export function tolerance(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new InvalidArgumentError('Expected a number from 0 on, such as 1e-5.');
  }
  return value;
}

/** A reader of whole numbers in a range; `_` may stand between digits. */
export function wholeNumber(range: Range): (text: string) => number {
  return (text) => {
    const value = Number(text.replaceAll('_', ''));
    if (/^[\d_]+$/.test(text) && isIn(value, range)) return value;
    throw refusal(wholeNumberFrom(range), text);
  };
}

export const positiveInteger = wholeNumber({ ...COUNT, least: 1 });

/** `700MB`, `2GiB`, `60%`, or bytes. */
export function memorySize(text: string): string | number {
  const size = /^\d+$/.test(text) ? Number(text) : text;
  if (isMemorySize(size)) return size;
  throw refusal(MEMORY_MESSAGE, text);
}

/** `100` rows, or `0.1%` of the rows read. */
export function rowBudget(text: string): string | number {
  const budget = /^\d+$/.test(text) ? Number(text) : text;
  if (isRowBudget(budget)) return budget;
  throw refusal(BUDGET_MESSAGE, text);
}

/** `90m`, `2h`. */
export function duration(text: string): string {
  if (isDuration(text, MIN_MAX_DURATION)) return text;
  throw refusal(durationMessage(MIN_MAX_DURATION), text);
}

/** An amount of money, in the currency of the prices. */
export function cost(text: string): number {
  const amount = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (isCost(amount)) return amount;
  throw refusal(COST_MESSAGE, text);
}

export const priority = wholeNumber({ least: 0, most: 100 });

/** Any text of some length without line breaks. */
export function runKey(text: string): string {
  if (text.trim() === '' || text.length > 512 || /[\r\n]/.test(text)) {
    throw new InvalidArgumentError('Expected a text of 1 to 512 characters in one line.');
  }
  return text;
}

/** Milliseconds of `30d`, `12h`, `90m`: an hour at least, since younger things may be in use. */
export function age(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(d|h|m)$/.exec(text);
  const factor = { d: 86_400_000, h: 3_600_000, m: 60_000 }[match?.[2] ?? ''];
  const ms = Number(match?.[1]) * (factor ?? Number.NaN);
  if (ms >= 3_600_000 && ms <= MAX_AGE_DAYS * 86_400_000) return ms;
  throw refusal(`expected a time from 1h to ${MAX_AGE_DAYS}d, such as 30d, 12h or 90m`, text);
}

const MAX_AGE_DAYS = 36_500;

function refusal(expected: string, found: string): InvalidArgumentError {
  const first = expected.charAt(0).toUpperCase() + expected.slice(1);
  return new InvalidArgumentError(`${first}; found ${JSON.stringify(found.slice(0, 80))}.`);
}
