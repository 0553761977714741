import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '@shardmill/core';
import type { ExecutionProvider } from '@shardmill/core';
import type { KnownCall } from '../infer/call-size.js';

/** What calls of a model depend on: the model, what computes it, and what there is to do so. */
export interface KnownCallsKey {
  /** SHA-256 of the model file. */
  readonly model: string;
  readonly provider: ExecutionProvider;
  readonly device: string;
  readonly lanes: number;
  readonly threads: number;
  /** Bytes of a row's features: their widths may be open in the model. */
  readonly rowBytes: number;
  /** Where rows are counted by their tokens. */
  readonly unit?: 'tokens';
  /** Where generated code may not score in place of ONNX Runtime: that has other calls, and wants other lanes. */
  readonly treeKernel?: 'off';
  /** Memory limit of the process; 0 where the memory of a device counts. */
  readonly memoryBytes: number;
}

export interface KnownCalls {
  /** The most rows of one call for which there was room. */
  readonly safeRows?: number;
  /** The size that was found to be the fastest. */
  readonly call?: KnownCall;
  /** Whether one lane with the threads of all of these was found to be faster. */
  readonly oneLane?: boolean;
}

const HOUR_MS = 60 * 60 * 1000;
/**
 * How long each of them is kept: what else was on the device is gone by then, and a call that has no
 * room after all costs little. Lanes are compared by the clock, and other work on the machine can
 * decide it: they are compared again soon.
 */
const KEPT_MS = {
  safeRows: 7 * 24 * HOUR_MS,
  call: 7 * 24 * HOUR_MS,
  oneLane: 24 * HOUR_MS,
} satisfies Record<keyof KnownCalls, number>;

/** What another process may have learned; nothing where none has. */
export async function readKnownCalls(
  cacheFolder: string,
  key: KnownCallsKey,
  now: Date,
): Promise<KnownCalls> {
  return keptOf(await readEntry(cacheFolder, key), now);
}

/** What is not too old. */
function keptOf(entry: object, now: Date): KnownCalls {
  const kept = (name: keyof KnownCalls): boolean =>
    now.getTime() - Date.parse(String(Reflect.get(entry, atOf(name)))) < KEPT_MS[name];
  const { safeRows, call, oneLane } = knownCallsOf(entry);
  return {
    ...(safeRows !== undefined && kept('safeRows') && { safeRows }),
    ...(call !== undefined && kept('call') && { call }),
    ...(oneLane !== undefined && kept('oneLane') && { oneLane }),
  };
}

/**
 * Adds what was learned to what is kept already, each with its time: rows for which there was room
 * become fewer, and never more. A failure is swallowed: it is a hint.
 */
export async function rememberKnownCalls(
  cacheFolder: string,
  key: KnownCallsKey,
  learned: KnownCalls,
  now: Date,
): Promise<void> {
  const before = await readEntry(cacheFolder, key);
  const kept = keptOf(before, now);
  const safeRows = Math.min(kept.safeRows ?? Infinity, learned.safeRows ?? Infinity);
  const times = Object.keys(learned).map((name) => [atOf(name), now.toISOString()]);
  const entry = {
    ...before,
    ...key,
    ...learned,
    ...(Number.isFinite(safeRows) && { safeRows }),
    ...Object.fromEntries(times),
  };
  const file = fileOf(cacheFolder, key);
  const unfinished = `${file}.${randomUUID()}`;
  try {
    await makeFolder(path.dirname(file));
    await writeFile(unfinished, `${JSON.stringify(entry)}\n`);
    await rename(unfinished, file);
  } catch {
    await rm(unfinished, { force: true }).catch(() => {});
  }
}

/** The time at which one of them was learned, by its name in the file. */
function atOf(name: string): string {
  return `${name}At`;
}

async function readEntry(cacheFolder: string, key: KnownCallsKey): Promise<object> {
  try {
    return Object(JSON.parse(await readFile(fileOf(cacheFolder, key), 'utf8')));
  } catch {
    // Not there, or not readable: a hint that is missing costs a few calls.
    return {};
  }
}

function knownCallsOf(entry: object): KnownCalls {
  const safeRows = numberAt(entry, 'safeRows');
  const call: unknown = Reflect.get(entry, 'call');
  const [rows, callMs] = [numberAt(call, 'rows'), numberAt(call, 'callMs')];
  const bytes = numberAt(call, 'bytes');
  const oneLane: unknown = Reflect.get(entry, 'oneLane');
  return {
    ...(typeof oneLane === 'boolean' && { oneLane }),
    ...(isCount(safeRows) && { safeRows }),
    ...(isCount(rows) &&
      callMs !== undefined &&
      bytes !== undefined && { call: { rows, callMs, bytes } }),
  };
}

function numberAt(of: unknown, key: string): number | undefined {
  const value: unknown = Reflect.get(Object(of), key);
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value > 0;
}

function fileOf(cacheFolder: string, { model, provider, ...rest }: KnownCallsKey): string {
  const { device, lanes, threads, rowBytes, memoryBytes, unit, treeKernel } = rest;
  const place = JSON.stringify([
    device,
    lanes,
    threads,
    rowBytes,
    memoryBytes,
    ...(unit === undefined ? [] : [unit]),
    ...(treeKernel === undefined ? [] : ['without the tree kernel']),
  ]);
  const digest = createHash('sha256').update(place).digest('hex').slice(0, 12);
  return path.join(cacheFolder, 'batch-sizes', `${model}-${provider}-${digest}.json`);
}
