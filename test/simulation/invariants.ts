import {
  failureKey,
  type Manifest,
  manifestKey,
  type Plan,
  type PlannedShard,
  type PlanPage,
  planKey,
  planPageKey,
  runOfPart,
  runOfPlan,
  SHARDS_PER_PAGE,
  type ShardRecord,
  shardRecordKey,
  SUCCESS_KEY,
} from '@shardmill/core';
import type { ShardTask } from '@shardmill/queue';
import { decodePart, sha256 } from './sim-engine.js';
import { STATE } from './sim-scheduler.js';
import type { ObjectSpace, StoreChange } from './sim-store.js';
import { decode, loggedRuns, turnsOf } from './state-log.js';
import type { SimProcess } from './world.js';

/** Something that must never be was seen; the number is that of the invariant. */
export class Violation extends Error {
  override readonly name = 'Violation';
  constructor(
    readonly invariant: number,
    message: string,
  ) {
    super(`invariant ${invariant}: ${message}`);
  }
}

/**
 * What must hold after every change of any object by any process. Everything is read from the
 * objects themselves, by code that shares nothing with the code under test but names and forms.
 */
export class Invariants {
  space: ObjectSpace | undefined;
  /** Parts of runs that are gone, which their makers have to delete, by location and key. */
  readonly strays = new Map<string, SimProcess>();
  /** Locations at which a run that was late has written `_SUCCESS` beside one that goes on. */
  readonly lateSuccess = new Set<string>();
  /** How often that has happened. */
  lateSuccesses = 0;
  #violation: Violation | undefined;

  /** @throws the first violation there was */
  check(): void {
    if (this.#violation !== undefined) throw this.#violation;
  }

  changed(change: StoreChange): void {
    try {
      if (change.location === STATE) this.#stateChanged(change);
      else this.#outputChanged(change);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      // The process that made the change must not be able to catch it.
      this.#violation ??= error;
    }
  }

  /** A worker says that a shard is settled, and still has its lock. */
  settled({ message, signal }: ShardTask): void {
    if (signal.aborted || this.#violation !== undefined) return;
    const { output, planRun, round, shard } = message;
    const objects = this.#space.objects(output);
    const recorded =
      objects.has(shardRecordKey(planRun, shard)) ||
      objects.has(failureKey(planRun, round, shard)) ||
      !objects.has(planKey(planRun));
    if (!recorded) {
      this.#violation = new Violation(
        6,
        `shard ${shard} of ${planRun} is settled without a record`,
      );
    }
  }

  get #space(): ObjectSpace {
    if (this.space === undefined) throw new Error('no objects yet');
    return this.space;
  }

  #stateChanged({ key, before, after }: StoreChange): void {
    const isMarker = key.startsWith('active/');
    if (before !== undefined && !isMarker) {
      throw new Violation(12, `${key} was ${after === undefined ? 'deleted' : 'changed'}`);
    }
    for (const { run, round, end } of loggedRuns(this.#space)) {
      if (end === undefined && !this.#space.objects(STATE).has(`active/${run}.${round}`)) {
        throw new Violation(9, `run ${run} has not ended and has no marker`);
      }
    }
  }

  #outputChanged(change: StoreChange): void {
    const { location, key, before, after, process } = change;
    if (before !== undefined && after !== undefined) throw new Violation(2, `${key} was changed`);
    const part = runOfPart(key);
    if (after === undefined) {
      this.strays.delete(`${location}/${key}`);
      if (key === SUCCESS_KEY) this.lateSuccess.delete(location);
      else this.#deleted(location, key, process);
      return;
    }
    if (part !== undefined) this.#partCreated(location, key, part, after, process);
    else if (key === SUCCESS_KEY) this.#successCreated(location, decode<{ runId: string }>(after));
    else if (key.endsWith('/manifest.json')) this.#manifestCreated(location, decode(after));
    else if (key.includes('/shards/')) this.#recordCreated(location, decode(after));
  }

  /** Deleting is for runs that another run with a manifest has replaced. */
  #deleted(location: string, key: string, process: SimProcess): void {
    const planOf = runOfPlan(key);
    const owner = planOf ?? runOfPart(key) ?? /^_shardmill\/([^/]+)\//.exec(key)?.[1];
    if (owner === undefined || owner === 'claims') return;
    if (planOf === undefined) {
      if (!this.#has(location, planKey(owner))) return;
      throw new Violation(7, `${process.id} deleted ${key} of a run that is there`);
    }
    const turn = turnsOf(this.#space, location).at(-1);
    const user = loggedRuns(this.#space).find(
      ({ run, planRun, end }) => planRun === owner && run === turn && end === undefined,
    );
    if (user !== undefined) {
      throw new Violation(7, `${process.id} deleted the plan of run ${user.run}, which goes on`);
    }
    const replaced = this.#space
      .keys(location, '_shardmill/')
      .some((other) => other.endsWith('/manifest.json') && !other.includes(`/${owner}/`));
    if (!replaced) throw new Violation(7, `${process.id} deleted ${key}, which nothing replaces`);
    if (this.#success(location) === owner && !this.lateSuccess.has(location)) {
      throw new Violation(5, `${process.id} deleted the plan of the run that _SUCCESS names`);
    }
  }

  #partCreated(
    location: string,
    key: string,
    run: string,
    bytes: Uint8Array,
    process: SimProcess,
  ): void {
    const success = this.#success(location);
    if (!this.#has(location, planKey(run))) {
      this.strays.set(`${location}/${key}`, process);
      return;
    }
    if (success !== undefined && !this.lateSuccess.has(location)) {
      throw new Violation(5, `${key} was created while _SUCCESS names ${success}`);
    }
    const { etag, shard } = decodePart(bytes);
    const planned = this.#plannedShard(location, run, shard)?.files[0]?.etag;
    if (etag !== planned) throw new Violation(8, `${key} is of data ${etag}, not ${planned}`);
  }

  #recordCreated(location: string, record: ShardRecord): void {
    for (const { object } of record.parts) {
      const bytes = this.#space.objects(location).get(object.key);
      if (!this.#has(location, planKey(record.runId))) return;
      if (bytes === undefined || sha256(bytes) !== object.sha256) {
        throw new Violation(3, `the record of shard ${record.shard} names another ${object.key}`);
      }
    }
  }

  #manifestCreated(location: string, manifest: Manifest): void {
    const { runId } = manifest;
    if (!this.#has(location, planKey(runId))) return;
    const plan = this.#plan(location, runId);
    const named = new Map(manifest.parts.map((part) => [part.key, part]));
    if (named.size !== manifest.parts.length) throw new Violation(1, 'a part is named twice');
    let rows = 0;
    for (let shard = 0; shard < plan.totals.shards; shard++) {
      const planned = this.#plannedShard(location, runId, shard);
      const record = this.#space.objects(location).get(shardRecordKey(runId, shard));
      if (record === undefined) throw new Violation(4, `shard ${shard} has no record`);
      for (const { part, object } of decode<ShardRecord>(record).parts) {
        const entry = named.get(object.key);
        if (entry?.sha256 !== object.sha256) throw new Violation(4, `${object.key} is missing`);
        const wanted = planned?.parts.find((one) => one.part === part)?.rows;
        const counts = entry.rows;
        const sum = counts.scored + counts.rejected + counts.filtered;
        if (sum !== wanted) throw new Violation(1, `${object.key} has ${sum} of ${wanted} rows`);
        rows += sum;
        named.delete(object.key);
      }
    }
    if (named.size > 0) throw new Violation(4, 'the manifest names parts that no record names');
    if (rows !== plan.totals.rows) throw new Violation(1, `${rows} of ${plan.totals.rows} rows`);
  }

  /**
   * A process that was stopped between its last look and this cannot know that another run has begun
   * meanwhile. That one takes it away; until then both are there.
   */
  #successCreated(location: string, { runId }: { runId: string }): void {
    const isLate = loggedRuns(this.#space).some(
      ({ output, planRun, end }) =>
        output === location && planRun !== undefined && planRun !== runId && end === undefined,
    );
    if (isLate) {
      this.lateSuccess.add(location);
      this.lateSuccesses++;
      return;
    }
    if (!this.#has(location, manifestKey(runId))) {
      throw new Violation(5, `_SUCCESS names ${runId}, which has no manifest`);
    }
    const manifest = decode<Manifest>(this.#space.objects(location).get(manifestKey(runId)));
    for (const { key } of manifest.parts) {
      if (!this.#has(location, key)) throw new Violation(3, `${key} of the manifest is not there`);
    }
  }

  #success(location: string): string | undefined {
    const bytes = this.#space.objects(location).get(SUCCESS_KEY);
    return bytes === undefined ? undefined : decode<{ runId: string }>(bytes).runId;
  }

  #has(location: string, key: string): boolean {
    return this.#space.objects(location).has(key);
  }

  #plan(location: string, run: string): Plan {
    return decode(this.#space.objects(location).get(planKey(run)));
  }

  #plannedShard(location: string, run: string, shard: number): PlannedShard | undefined {
    const page = Math.floor(shard / SHARDS_PER_PAGE);
    const bytes = this.#space.objects(location).get(planPageKey(run, page));
    return bytes === undefined ? undefined : decode<PlanPage>(bytes).shards[shard];
  }
}
