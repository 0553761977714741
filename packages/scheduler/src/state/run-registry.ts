import {
  InvariantError,
  isRunId,
  type ObjectStore,
  type RunLimits,
  ShardmillError,
  suggestion,
} from '@shardmill/core';
import { parseJson } from '@shardmill/core/plans';
import { hasEnded, type RegisteredRun } from './fold-run.js';
import { parseRunKey, type RunKey, storedRequest } from './log-schema.js';
import type { RunEvent } from './run-event.js';
import { digestWork, keyConflict } from './run-key.js';
import { appendEvent, createOnce, readOn, readRun } from './run-log.js';
import type { RunRequest } from './run-request.js';
import {
  ACTIVE_PREFIX,
  activeKey,
  logKey,
  numberOfRunKey,
  RUNS_PREFIX,
  runKeyKey,
  runKeyPrefix,
  runOfActive,
  runOfLog,
} from './state-layout.js';

/**
 * All runs, in the state location. It survives Redis, and needs no lock:
 * ```
 * runs/<run>/000000.json    the request; 000001.json and so on: the events
 * keys/<sha256 of key>.json which run a key stands for; <sha256>.<n>.json after it was freed n times
 * active/<run>.<round>      there while that round of the run has not ended
 * outputs/<sha256>/<n>.json which run held the lock of a location; the last one: holds it
 * ```
 * A marker in `active/` is written before the event that begins its round and deleted after the one
 * that ends it. So a run that has not ended always has one; one too many is put right by schedulers.
 */
export class RunRegistry {
  constructor(readonly store: ObjectStore) {}

  /**
   * Submits a run, or attaches to the one that its key stands for. What is stored decides, so that
   * a submission that died half-way is completed by the next one of its key.
   * @param free whether a run of the key that failed, was cancelled or skipped is given up for this one.
   * @throws RUN_KEY_CONFLICT where that one has another job, other parameters or locations.
   */
  async submit(
    request: RunRequest,
    free: 'free-ended' | 'attach' = 'attach',
  ): Promise<{ readonly run: string; readonly attached: boolean }> {
    if (!isRunId(request.run))
      throw new InvariantError(`"${request.run}" cannot be the id of a run`);
    if (request.key === null) {
      await this.#enter(request);
      return { run: request.run, attached: false };
    }
    // The key first: a run that is there without its key would be submitted twice.
    const work = digestWork(request);
    const { run, work: agreed } = await this.#claim(
      { key: request.key, run: request.run, work },
      free,
    );
    const existing = run === request.run ? undefined : await this.find(run);
    const same = existing === undefined ? agreed === work : digestWork(existing.request) === work;
    if (!same) throw keyConflict(request, run, existing?.request);
    if (existing === undefined) await this.#enter({ ...request, run });
    return { run, attached: run !== request.run };
  }

  /** @returns undefined where there is no such run. @throws PLAN_MISMATCH where it is unreadable */
  async find(run: string): Promise<RegisteredRun | undefined> {
    return isRunId(run) ? readRun(this.store, run) : undefined;
  }

  /** The run that a key stands for; undefined where it stands for none. @throws PLAN_MISMATCH */
  async runOfKey(key: string): Promise<RegisteredRun | undefined> {
    const last = await this.#lastOf(key);
    const held = last === undefined ? undefined : await this.#heldBy(last);
    return held === undefined ? undefined : this.find(held.run);
  }

  /** The same run with what has happened since. @throws PLAN_MISMATCH; RUN_NOT_FOUND where it was deleted */
  refresh(seen: RegisteredRun): Promise<RegisteredRun> {
    return readOn(this.store, seen);
  }

  /** The run whose id is or begins with this. @throws RUN_NOT_FOUND, with the nearest; USAGE where several do */
  async resolve(idOrPrefix: string): Promise<RegisteredRun> {
    const exact = await this.find(idOrPrefix);
    if (exact !== undefined) return exact;
    const [id, ...others] = isRunId(idOrPrefix) ? await this.#idsOf(idOrPrefix) : [];
    if (others.length > 0) {
      const some = [id, ...others].slice(0, 5).join(', ');
      throw new ShardmillError(
        'USAGE',
        `${others.length + 1} runs begin with "${idOrPrefix}": ${some}${others.length > 4 ? ', …' : ''}`,
        { remedy: 'Give more of the id.' },
      );
    }
    const found = id === undefined ? undefined : await this.find(id);
    return found ?? this.#notFound(idOrPrefix);
  }

  /** Appends an event after exactly what `seen` knows. @returns false where another process was first. */
  append(seen: RegisteredRun, event: RunEvent): Promise<boolean> {
    return appendEvent(this.store, seen, event);
  }

  /** Requests that a run is cancelled. @throws RUN_NOT_FOUND, RUN_STATE */
  async cancel(run: string, by: string, now: Date): Promise<RegisteredRun> {
    const event: RunEvent = { kind: 'cancel-asked', at: now.toISOString(), by };
    return this.#change(run, event, (seen) => {
      if (hasEnded(seen)) throw wrongState(seen, 'only a run that has not ended can be cancelled');
      if (seen.phase === 'finalizing') throw wrongState(seen, 'all of its shards are done');
      return seen.phase === 'cancelling' ? 'done' : 'append';
    });
  }

  /** Begins another round of a failed, cancelled or skipped run. @throws RUN_NOT_FOUND, RUN_STATE */
  async reopen(
    run: string,
    options: {
      readonly by: string;
      readonly now: Date;
      readonly maxRejectedRows?: string | number | undefined;
      readonly limits?: RunLimits | undefined;
      /** `retry` is for failed runs only; `resume` takes cancelled and skipped ones, too. */
      readonly of: 'failed' | 'failed-or-cancelled';
    },
  ): Promise<RegisteredRun> {
    const { by, now, maxRejectedRows = null, limits } = options;
    const at = now.toISOString();
    const event: RunEvent = {
      kind: 'reopened',
      at,
      by,
      maxRejectedRows,
      ...(limits !== undefined && { limits }),
    };
    return this.#change(run, event, async (seen): Promise<'append'> => {
      const fits =
        seen.phase === 'failed' ||
        (options.of !== 'failed' && (seen.phase === 'cancelled' || seen.phase === 'skipped'));
      if (!fits) {
        const which =
          options.of === 'failed' ? 'a failed run' : 'a failed, cancelled or skipped run';
        throw wrongState(seen, `only ${which} can be taken up again`);
      }
      await this.store.create(activeKey(run, seen.round + 1), MARKER);
      return 'append';
    });
  }

  /** Ids of runs that may not have ended. */
  async *active(): AsyncIterable<string> {
    let last: string | undefined;
    for await (const { run } of this.markers()) {
      // Markers of one run follow on one another.
      if (run !== last) yield run;
      last = run;
    }
  }

  /** The markers of rounds that may not have ended. */
  async *markers(): AsyncIterable<{ readonly run: string; readonly round: number }> {
    for await (const { key } of this.store.list(ACTIVE_PREFIX)) {
      const marker = runOfActive(key);
      if (marker !== undefined) yield marker;
    }
  }

  /** Deletes the marker of a round that is over. */
  async clearMarker(run: string, round: number): Promise<void> {
    await this.store.delete(activeKey(run, round));
  }

  /** Ids of all runs, the latest first. */
  async *list(): AsyncIterable<string> {
    yield* (await this.#idsOf('')).toReversed();
  }

  async #enter(request: RunRequest): Promise<void> {
    const { run } = request;
    await this.store.create(activeKey(run, 0), MARKER);
    if (await createOnce(this.store, logKey(run, 0), storedRequest(request))) return;
    // Another submission of the same key completed it; without a key, ids are never the same.
    const existing = await this.find(run);
    if (existing === undefined || digestWork(existing.request) !== digestWork(request)) {
      throw keyConflict(request, run, existing?.request);
    }
  }

  /** One of many processes that claim or free a key at once creates the next object of it. */
  async #claim(claim: RunKey, free: 'free-ended' | 'attach'): Promise<RunKey> {
    for (;;) {
      const last = await this.#lastOf(claim.key);
      const held = last === undefined ? undefined : await this.#heldBy(last);
      // Collected in between, with its run.
      if (last !== undefined && held === undefined) continue;
      if (held !== undefined && (free === 'attach' || !(await this.#isGivenUp(held.run))))
        return held;
      const number = last === undefined ? 0 : numberOfRunKey(last) + 1;
      if (await createOnce(this.store, runKeyKey(claim.key, number), claim)) return claim;
    }
  }

  /** The object that says what a key stands for. */
  async #lastOf(key: string): Promise<string | undefined> {
    let last: string | undefined;
    for await (const object of this.store.list(runKeyPrefix(key))) {
      if (last === undefined || numberOfRunKey(object.key) > numberOfRunKey(last))
        last = object.key;
    }
    return last;
  }

  async #heldBy(object: string): Promise<RunKey | undefined> {
    const bytes = await this.store.read(object);
    if (bytes === undefined) return undefined;
    const held = parseRunKey(parseJson(bytes));
    if (held !== undefined) return held;
    throw new ShardmillError('PLAN_MISMATCH', 'what this run key stands for cannot be read', {
      where: this.store.locate(object),
    });
  }

  async #isGivenUp(run: string): Promise<boolean> {
    const phase = (await this.find(run))?.phase;
    return phase === 'failed' || phase === 'cancelled' || phase === 'skipped';
  }

  /** Appends an event as soon as `may` allows it for what is there by then. */
  async #change(
    run: string,
    event: RunEvent,
    may: (seen: RegisteredRun) => 'append' | 'done' | Promise<'append' | 'done'>,
  ): Promise<RegisteredRun> {
    let seen = (await this.find(run)) ?? (await this.#notFound(run));
    for (;;) {
      if ((await may(seen)) === 'done') return seen;
      const appended = await this.append(seen, event);
      seen = await this.refresh(seen);
      if (appended) return seen;
    }
  }

  /** Ids that begin with this, in their order, which is that of time. */
  async #idsOf(prefix: string): Promise<string[]> {
    const ids: string[] = [];
    for await (const { key } of this.store.list(RUNS_PREFIX + prefix)) {
      const entry = runOfLog(key);
      if (entry?.number === 0) ids.push(entry.run);
    }
    return ids;
  }

  async #notFound(id: string): Promise<never> {
    const known = (await this.#idsOf('')).slice(-1000).toReversed();
    throw new ShardmillError(
      'RUN_NOT_FOUND',
      `there is no run "${id}".${suggestion(id, known, 'The latest runs are')}`,
      { where: this.store.uri },
    );
  }
}

const MARKER = Buffer.from('{}');

function wrongState(run: RegisteredRun, expected: string): ShardmillError {
  const { phase, endedAt, request } = run;
  const since = endedAt === null ? '' : ` since ${endedAt}`;
  return new ShardmillError('RUN_STATE', `run ${request.run} is ${phase}${since}: ${expected}`);
}
