import { createHash } from 'node:crypto';

/** Where the log of runs lies, as keys relative to the state location. */

export const RUNS_PREFIX = 'runs/';
export const ACTIVE_PREFIX = 'active/';
export const KEYS_PREFIX = 'keys/';
export const OUTPUTS_PREFIX = 'outputs/';
export const BASELINES_PREFIX = 'baselines/';

/** Number 0 is the request, number n the n-th event. */
export const logKey = (run: string, number: number): string =>
  `${logPrefix(run)}${String(number).padStart(6, '0')}.json`;
const logPrefix = (run: string): string => `${RUNS_PREFIX}${run}/`;

/**
 * Which run a user's key stands for; hashed, since a key may be any text.
 * @param number how often the key was freed before: the object of the greatest number counts.
 */
export const runKeyKey = (key: string, number: number): string =>
  `${runKeyPrefix(key)}${number === 0 ? '' : `.${String(number).padStart(6, '0')}`}.json`;
export const runKeyPrefix = (key: string): string => `${KEYS_PREFIX}${sha256(key)}`;

/** How often the key of such an object was freed before. */
export function numberOfRunKey(key: string): number {
  return Number(/\.(\d{6,})\.json$/.exec(key)?.[1] ?? 0);
}

/** The holders of an output location's lock (see `OutputLocks`), numbered from 0. */
export const outputKey = (output: string, number: number): string =>
  `${outputPrefix(output)}${String(number).padStart(6, '0')}.json`;
export const outputPrefix = (output: string): string => `${OUTPUTS_PREFIX}${sha256(output)}/`;

/**
 * Says that a round of a run may not have ended. One for each round, so that it can be deleted
 * once that round is over: a round that is over stays so, whichever process wakes up late.
 */
export const activeKey = (run: string, round: number): string => `${ACTIVE_PREFIX}${run}.${round}`;

/** The run whose request or event this key is, with its number; undefined for another key. */
export function runOfLog(key: string): { run: string; number: number } | undefined {
  const [, run, number] = /^runs\/([^/]+)\/(\d{6,})\.json$/.exec(key) ?? [];
  return run === undefined ? undefined : { run, number: Number(number) };
}

export function runOfActive(key: string): { run: string; round: number } | undefined {
  const [, run, round] = /^active\/([^/]+)\.(\d+)$/.exec(key) ?? [];
  return run === undefined ? undefined : { run, round: Number(round) };
}

/** When an id was made (see `newRunId`), in milliseconds since 1970; undefined for other ids. */
export function timeOfRun(run: string): number | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/.exec(run) ?? [];
  if (year === undefined) return undefined;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
