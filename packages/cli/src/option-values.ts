import { InvalidArgumentError } from 'commander';
import path from 'node:path';

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

/** A location given on the command line starts at the working directory, not at the job file. */
export function locationFrom(cwd: string, uri: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(uri) ? uri : path.resolve(cwd, uri);
}
