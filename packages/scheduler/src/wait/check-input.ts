import { createHash } from 'node:crypto';
import path from 'node:path';
import {
  footerParser,
  inputReader,
  type InputFile,
  type Job,
  mapConcurrent,
  MAX_FOOTER_BYTES,
  parseBytes,
  readFooter,
  type ReadInput,
  requireAllowed,
  requireRegion,
  ShardmillError,
  type Stores,
  type WaitFor,
} from '@shardmill/core';
import { checkFiles, checkRules, type JobRules } from '../plan/job-rules.js';
import { listInput } from '../plan/list/list-input.js';
import { untilAborted } from '../plan/list/until-aborted.js';
import type { FileFacts, InputFacts } from './decide-wait.js';
import { markerLocations } from './marker-locations.js';

export interface InputCheckRequest {
  /** With parameters filled in. */
  readonly job: Job;
  /** Relative locations start at its folder. */
  readonly jobFile: string;
  readonly stores: Stores;
  /** What the configuration demands of jobs. */
  readonly rules?: JobRules | undefined;
  /** Ends the check, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

const AT_ONCE = 32;

/**
 * Checks once what a run waits for. An input that is not there is no error, and neither is a file
 * that is being written. While a marker is missing, files are checked only for their changes.
 * @throws LOCATION_FORBIDDEN, URI_UNSUPPORTED, INPUT_IS_TABLE, INPUT_UNREADABLE, STORE_…
 */
export async function checkInput(request: InputCheckRequest): Promise<InputFacts> {
  const { job, jobFile, rules = {} } = request;
  await checkRules(rules, job, jobFile, request.stores);
  const { waitFor } = job.input;
  if (waitFor === undefined) return { missingMarkers: [], files: null };
  const missingMarkers = await findMissingMarkers(request, waitFor.marker);
  const { files, rows, unchangedFor } = waitFor;
  const counts = missingMarkers.length === 0 && (files !== undefined || rows !== undefined);
  if (!counts && unchangedFor === undefined) return { missingMarkers, files: null };
  return { missingMarkers, files: await readFileFacts(request, waitFor, counts) };
}

/** Whether a check is a request for few names, and nothing is listed or read. */
export function isCheapCheck({ input: { waitFor } }: Job): boolean {
  return [waitFor?.files, waitFor?.rows, waitFor?.unchangedFor].every((one) => one === undefined);
}

async function findMissingMarkers(
  request: InputCheckRequest,
  marker: string | undefined,
): Promise<string[]> {
  const { job, jobFile, stores, rules = {}, signal } = request;
  if (marker === undefined) return [];
  const locations = markerLocations(marker, job.input.uri, path.dirname(jobFile));
  const found = await mapConcurrent(locations, AT_ONCE, async (location) => {
    signal?.throwIfAborted();
    await requireAllowed(rules.allow, 'inputs', location, job.name);
    await requireRegion(rules.allow, location, job.name, stores.regionOf);
    const { store, key } = stores.objectAt(location);
    return store.head(key);
  });
  return locations.filter((_, index) => found[index] === undefined);
}

/** @param counts whether rows are counted where a condition needs them. */
async function readFileFacts(
  request: InputCheckRequest,
  waitFor: WaitFor,
  counts: boolean,
): Promise<FileFacts> {
  const { job } = request;
  const found = new Map<string, InputFile>();
  const absent: string[] = [];
  const uris = typeof job.input.uri === 'string' ? [job.input.uri] : job.input.uri;
  try {
    for (const uri of uris) {
      const files = await listFiles(request, uri);
      if (files.length === 0) absent.push(uri);
      for (const file of files) found.set(file.uri, file);
    }
    const files = [...found.values()];
    const enough = absent.length === 0 && files.length >= (waitFor.files ?? 0);
    const counted =
      waitFor.rows === undefined || !counts || !enough
        ? { rows: null, unreadable: 0 }
        : await countRows(request, files, waitFor.rows);
    const fingerprint = fingerprintOf(files);
    return { count: files.length, absent, ...counted, fingerprint, changing: false };
  } catch (error) {
    if (!(error instanceof ShardmillError) || error.code !== 'INPUT_CHANGED') throw error;
    const nothing = { rows: null, unreadable: 0, fingerprint: 'changing' };
    return { count: found.size, absent, ...nothing, changing: true };
  }
}

/** The files of one URI; none where nothing is there yet. */
async function listFiles(request: InputCheckRequest, uri: string): Promise<readonly InputFile[]> {
  const { job, jobFile, stores, rules = {}, signal } = request;
  const base = path.dirname(jobFile);
  try {
    const { version, timestamp } = job.input;
    const listing = await listInput({
      stores,
      uri,
      base,
      hivePartitioning: false,
      version: { version, timestamp },
      signal,
    });
    await checkFiles(rules, job, listing);
    return listing.files;
  } catch (error) {
    if (!(error instanceof ShardmillError) || !NOT_THERE.has(error.code)) throw error;
    return [];
  }
}

const NOT_THERE = new Set<string>(['INPUT_NOT_FOUND', 'INPUT_EMPTY']);

/** Paths, sizes, and what the store has for the identity of a content. */
function fingerprintOf(files: readonly InputFile[]): string {
  const hash = createHash('sha256');
  for (const { uri, bytes, etag } of files) hash.update(`${uri}\0${bytes}\0${etag}\n`);
  return hash.digest('hex');
}

/** Adds up rows until there are enough. */
async function countRows(
  { job, stores, signal }: InputCheckRequest,
  files: readonly InputFile[],
  enough: number,
): Promise<{ rows: number; unreadable: number }> {
  const read = untilAborted(inputReader(stores), signal);
  const limit = parseBytes(job.input.maxFooter ?? MAX_FOOTER_BYTES, 0);
  let [rows, unreadable] = [0, 0];
  await mapConcurrent(files, AT_ONCE, async (file) => {
    if (rows >= enough) return;
    const own = await rowsOf(read, file, limit);
    if (own === undefined) unreadable++;
    else rows += own;
  });
  return { rows, unreadable };
}

/** @returns undefined for a file that is not, or not yet, whole Parquet. */
async function rowsOf(
  read: ReadInput,
  file: InputFile,
  limit: number,
): Promise<number | undefined> {
  try {
    return (await readFooter(read, file, footerParser({ used: [], predicate: [] }), limit)).rows;
  } catch (error) {
    const bad = error instanceof ShardmillError && NOT_WHOLE.has(error.code);
    if (!bad) throw error;
    return undefined;
  }
}

const NOT_WHOLE = new Set<string>(['INPUT_NOT_PARQUET', 'INPUT_FOOTER_TOO_LARGE']);
