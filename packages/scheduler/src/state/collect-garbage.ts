import path from 'node:path';
import { mapConcurrent, type ObjectStore, ShardmillError, type Stores } from '@shardmill/core';
import { parseJson } from '@shardmill/core/plans';
import { oldBaselines } from '../drift/kept-baselines.js';
import { outputOf } from './output-of.js';
import { hasEnded, type RegisteredRun } from './fold-run.js';
import { parseRunKey } from './log-schema.js';
import { closedAt, closeLog } from './run-log.js';
import { oldSettled } from './outbox-layout.js';
import type { RunRegistry } from './run-registry.js';
import { leftStagedFiles } from './staged-files.js';
import {
  ACTIVE_PREFIX,
  KEYS_PREFIX,
  logKey,
  OUTPUTS_PREFIX,
  RUNS_PREFIX,
  runKeyPrefix,
  runOfActive,
  runOfLog,
  timeOfRun,
} from './state-layout.js';

export interface GarbageOptions {
  /** What ended, or was begun and left, longer ago than this is garbage. At least an hour. */
  readonly olderThanMs: number;
  /** Deletes nothing, and returns what would be deleted. */
  readonly dryRun: boolean;
  readonly now: Date;
  /** Runs whose logs stay, whenever they ended. */
  readonly keep?: ReadonlySet<string> | undefined;
}

export interface Garbage {
  /** Runs that ended; what they wrote to their output locations stays. */
  readonly runs: readonly string[];
  /** Locations of all objects. */
  readonly objects: readonly string[];
}

const MIN_AGE_MS = 3_600_000;
/** What says that a notification is settled keeps it from being sent again while its run is news. */
const SETTLED_STAYS_MS = 3 * 86_400_000;
const AT_ONCE = 16;

/**
 * Deletes the log of runs that ended long ago, what submissions left that died half-way, and files
 * that were staged and never finished. No object of an output is touched but those: whatever a
 * manifest, a plan or a run that goes on refers to stays.
 *
 * A run that is collected gets a last entry in its log, with which it is gone for every process. That
 * entry stays until the next collection but one that is late enough, so that a process that was
 * about to take the run up again finds it. Dying in between leaves nothing that misleads.
 * @throws USAGE, STORE_…
 */
export async function collectGarbage(
  registry: RunRegistry,
  stores: Pick<Stores, 'open'>,
  options: GarbageOptions,
): Promise<Garbage> {
  if (!(options.olderThanMs >= MIN_AGE_MS)) {
    throw new ShardmillError(
      'USAGE',
      `${options.olderThanMs} ms is too young for garbage, expected ${MIN_AGE_MS} or more`,
    );
  }
  const { store } = registry;
  const before = options.now.getTime() - options.olderThanMs;
  const logs = await listLogs(registry);
  const markers = await listKeys(store, ACTIVE_PREFIX);
  const runs: string[] = [];
  const objects: string[] = [];
  const outputs = new Set<string>();
  const remove = async (keys: readonly string[], from = store): Promise<void> => {
    objects.push(...keys.map((key) => from.locate(key)));
    if (options.dryRun) return;
    for (const key of keys) await from.delete(key);
  };

  for (const [run, numbers] of logs) {
    // The request first: without it no process takes the rest for a run.
    const entries = numbers.map((number) => logKey(run, number));
    const found = await registry.find(run).catch(skipUnreadable);
    if (found === 'unreadable') continue;
    if (found === undefined) {
      // What is left of a collected run: its last entry stays for a while.
      const closed = await closedAt(store, run, numbers.at(-1) ?? 0);
      await remove(closed !== undefined && closed >= before ? entries.slice(0, -1) : entries);
      continue;
    }
    outputs.add(outputOf(found.request));
    if (!isOld(found, before) || options.keep?.has(run) === true) continue;
    await remove(await keysOf(registry, found));
    if (!options.dryRun && !(await closeLog(store, found, options.now))) continue;
    runs.push(run);
    await remove([...markers.filter((key) => runOfActive(key)?.run === run), ...entries]);
  }
  await remove(leftMarkers(markers, logs, before));
  await remove(await leftKeys(registry, logs, before));
  await remove(pastHolders(await listKeys(store, OUTPUTS_PREFIX)));
  await remove(await oldSettled(store, before - SETTLED_STAYS_MS));
  await remove(await oldBaselines(store, before));
  await remove(await leftStagedFiles(store, before));
  for (const output of [...outputs].toSorted()) {
    const place = stores.open(output);
    await remove(await leftStagedFiles(place, before), place);
  }
  return { runs, objects };
}

/** Numbers of the entries of all logs, in their order. */
async function listLogs({ store }: RunRegistry): Promise<Map<string, number[]>> {
  const logs = new Map<string, number[]>();
  for await (const { key } of store.list(RUNS_PREFIX)) {
    const entry = runOfLog(key);
    if (entry === undefined) continue;
    const numbers = logs.get(entry.run);
    if (numbers === undefined) logs.set(entry.run, [entry.number]);
    else numbers.push(entry.number);
  }
  return logs;
}

/** The objects that say that the run's key stands, or stood, for this run. */
async function keysOf(
  { store }: RunRegistry,
  { request }: Pick<RegisteredRun, 'request'>,
): Promise<string[]> {
  if (request.key === null) return [];
  const own: string[] = [];
  for (const key of await listKeys(store, runKeyPrefix(request.key))) {
    const bytes = await store.read(key);
    const held = bytes === undefined ? undefined : parseRunKey(parseJson(bytes));
    if (held?.run === request.run) own.push(key);
  }
  return own;
}

function isOld(run: RegisteredRun, before: number): boolean {
  return hasEnded(run) && Date.parse(run.endedAt ?? '') < before;
}

/** Markers of runs that were never there. */
function leftMarkers(
  markers: readonly string[],
  logs: ReadonlyMap<string, unknown>,
  before: number,
): string[] {
  return markers.filter((key) => {
    const run = runOfActive(key)?.run ?? '';
    return !logs.has(run) && beganBefore(run, before);
  });
}

/** All holders of a location's lock but the last: they are over. */
function pastHolders(keys: readonly string[]): string[] {
  return keys.filter((key, i) => path.dirname(key) === path.dirname(keys[i + 1] ?? ''));
}

/** Keys of runs that are not there. */
async function leftKeys(
  { store }: RunRegistry,
  logs: ReadonlyMap<string, unknown>,
  before: number,
): Promise<string[]> {
  const keys = await listKeys(store, KEYS_PREFIX);
  const left = await mapConcurrent(keys, AT_ONCE, async (key) => {
    const bytes = await store.read(key);
    const held = bytes === undefined ? undefined : parseRunKey(parseJson(bytes));
    return held !== undefined && !logs.has(held.run) && beganBefore(held.run, before) ? [key] : [];
  });
  return left.flat();
}

async function listKeys(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

function beganBefore(run: string, before: number): boolean {
  const began = timeOfRun(run);
  return began !== undefined && began < before;
}

/** A log of another version is not for this one to judge. */
function skipUnreadable(error: unknown): 'unreadable' {
  if (error instanceof ShardmillError && error.code === 'PLAN_MISMATCH') return 'unreadable';
  throw error;
}
