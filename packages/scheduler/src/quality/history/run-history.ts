import { canonicalJson, type Manifest, mapConcurrent, type ObjectStore } from '@shardmill/core';
import { parseJson } from '@shardmill/core/plans';
import { type PastRun, pastRunSchema } from './past-run.js';

/** Runs of a job that are kept; older ones are deleted. */
const MAX_KEPT_RUNS = 200;
const AT_ONCE = 16;

/**
 * The finished runs of jobs with checks, in the state location, wherever their output is: an output that is
 * overwritten keeps no manifest of earlier runs, and one for each day has only its own.
 * ```
 * history/<job>/<run>.json   created once, before `_SUCCESS` is
 * ```
 */
export class RunHistory {
  constructor(readonly store: ObjectStore) {}

  /** Notes that a run is finished; again and again with one result. */
  async record(manifest: Manifest, output: string): Promise<void> {
    const { runId: run, finishedAt, job, rows, model, quality } = manifest;
    const past = {
      format: 'shardmill-past-run/1',
      run,
      output,
      finishedAt,
      params: job.params,
      rows: { read: rows.read, scored: rows.scored },
      model: { sha256: model.sha256, name: model.name, version: model.version },
      quality: quality?.accepted === undefined ? 'passed' : 'accepted',
    };
    await this.store.create(keyOf(job.name, run), Buffer.from(canonicalJson(past)));
    const keys = await this.#keys(prefixOf(job.name));
    const old = keys.slice(0, Math.max(0, keys.length - MAX_KEPT_RUNS));
    await mapConcurrent(old, AT_ONCE, (key) => this.store.delete(key));
  }

  /** Finished runs of a job, the latest first, without the one that asks. */
  async of(job: string, except: string): Promise<PastRun[]> {
    const keys = await this.#keys(prefixOf(job));
    return this.#read(keys.filter((key) => key !== keyOf(job, except)).toReversed());
  }

  /** Finished runs of all jobs. */
  async all(): Promise<PastRun[]> {
    return this.#read(await this.#keys(PREFIX));
  }

  async #read(keys: readonly string[]): Promise<PastRun[]> {
    const found = await mapConcurrent(keys, AT_ONCE, async (key) => {
      const bytes = await this.store.read(key);
      const parsed = pastRunSchema.safeParse(bytes === undefined ? undefined : parseJson(bytes));
      return parsed.success ? parsed.data : undefined;
    });
    return found.filter((past) => past !== undefined);
  }

  /** In their order, which for one job is that of time: the ids of runs begin with it. */
  async #keys(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of this.store.list(prefix)) keys.push(key);
    return keys;
  }
}

const PREFIX = 'history/';
const prefixOf = (job: string): string => `${PREFIX}${job}/`;
const keyOf = (job: string, run: string): string => `${prefixOf(job)}${run}.json`;
