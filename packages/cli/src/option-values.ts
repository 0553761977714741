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

/** 0 or more, as `1e-5` or `0.001`. */
export function tolerance(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new InvalidArgumentError('Expected a number from 0 on, such as 1e-5.');
  }
  return value;
}

export function positiveInteger(text: string): number {
  const value = Number(text.replaceAll('_', ''));
  if (!/^[\d_]+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError('Expected a whole number from 1 on.');
  }
  return value;
}

/** `700MB`, `2GiB`, `60%`, or bytes. */
export function memorySize(text: string): string | number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  if (/^\d+(\.\d+)?\s*(%|[KMGT]i?B)$/.test(text)) return text;
  throw new InvalidArgumentError('Expected a size such as 700MB, 2GiB or 60%.');
}

/** `100` rows, or `0.1%` of the rows read. */
export function rowBudget(text: string): string | number {
  if (/^\d+$/.test(text)) return Number(text);
  if (/^\d+(\.\d+)?\s*%$/.test(text)) return text;
  throw new InvalidArgumentError('Expected a count such as 100 or a percentage such as 0.1%.');
}

/** 0 to 100. */
export function priority(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 100) {
    throw new InvalidArgumentError('Expected a whole number from 0 to 100.');
  }
  return value;
}

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
  if (factor === undefined) {
    throw new InvalidArgumentError('Expected a time such as 30d, 12h or 90m.');
  }
  const ms = Number(match?.[1]) * factor;
  if (ms < 3_600_000) throw new InvalidArgumentError('Expected an hour or more.');
  return ms;
}
