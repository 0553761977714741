import {
  canonicalJson,
  FAILURE_FORMAT,
  failureKey,
  FileStore,
  type ObjectStore,
  shardRecordKey,
  type ShardFailure,
  type ShardRecord,
  Stores,
  workOf,
} from '@shardmill/core';
import { findRecord, loadPage, loadPlan } from '@shardmill/core/plans';
import type { ShardMessage } from '@shardmill/queue';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MadePlan } from '../plan/make-plan.js';
import type { SchedulerServiceOptions } from '../service/runtime/scheduler-options.js';
import { SchedulerService } from '../service/scheduler-service.js';
import type { RegisteredRun } from '../state/fold-run.js';
import { RunRegistry } from '../state/run-registry.js';
import type { RunRequest } from '../state/run-request.js';
import { checkInput } from '../wait/check-input.js';
import { jobOf } from './job.js';
import { MemoryFleet } from './memory-fleet.js';
import { withFolder } from './parquet.js';
import { requestOf } from './request.js';
import { keysOf, makeParts } from './run.js';
import { type SyntheticPlan, syntheticPlan } from './synthetic-plan.js';

/** Intervals of a test: a hundredth of the usual ones. */
const SETTINGS = { intervalMs: 50, relistMs: 300, viewMs: 20, settleMs: 100 };
const DEADLINE_MS = 45_000;

/** A state location, an output location, Redis in memory, and schedulers on them. */
export class Fleet {
  readonly redis = new MemoryFleet();
  readonly stores = new Stores();
  readonly registry: RunRegistry;
  readonly output: string;
  readonly store: ObjectStore;
  readonly logged: { readonly message: string; readonly fields: object }[] = [];
  readonly #services: SchedulerService[] = [];
  readonly #stop = new AbortController();
  readonly #workers: Promise<void>[] = [];
  #plan: Partial<SyntheticPlan> = {};
  #ids = 0;

  constructor(readonly folder: string) {
    this.registry = new RunRegistry(new FileStore(path.join(folder, 'state')));
    this.output = path.join(folder, 'out');
    this.store = new FileStore(this.output);
  }

  /** Submits a run of synthetic data. */
  async submit(
    change: Partial<RunRequest> = {},
    plan: Partial<SyntheticPlan> = {},
  ): Promise<string> {
    this.#plan = { ...this.#plan, ...plan };
    const run = change.run ?? `r${this.#ids++}`;
    const job = jobOf({ output: { uri: this.output, columns: { score: 'score' } } });
    await this.registry.submit(
      requestOf({ job, ...change, run, submittedAt: new Date().toISOString() }),
    );
    this.redis.eventsSide.publish({ kind: 'run-changed', run });
    return run;
  }

  plan({ run, job }: RunRequest): MadePlan {
    return syntheticPlan({
      runId: run,
      shards: 5,
      mode: job.output.mode,
      createdAt: new Date(),
      ...this.#plan,
      output: job.output.uri,
    });
  }

  scheduler(change: Partial<SchedulerServiceOptions> = {}): SchedulerService {
    const log =
      (level: string) =>
      (fields: object, message: string): void => {
        this.logged.push({ message, fields: { level, ...fields } });
      };
    const { redis } = this;
    const service = new SchedulerService({
      registry: this.registry,
      stores: this.stores,
      queue: (pool) => redis.queue(pool),
      events: redis.eventsSide,
      presence: redis.presenceSide,
      views: redis.viewsSide,
      identity: { id: `s${this.#services.length}`, host: 'h', pid: 1, version: '1' },
      log: { info: log('info'), warn: log('warn'), error: log('error') },
      versions: { shardmill: '1' },
      settings: SETTINGS,
      makePlan: async (request) => this.plan(request),
      checkInput: ({ job, jobFile }, signal) =>
        checkInput({ job, jobFile, stores: this.stores, signal }),
      ...change,
    });
    this.#services.push(service);
    service.start();
    return service;
  }

  /** A worker that takes shards until the end. @param work what it does with one. */
  worker(
    work: (message: ShardMessage) => Promise<void> = (message) => this.score(message),
    pool = 'cpu',
  ): void {
    const queue = this.redis.queue(pool);
    const loop = async (): Promise<void> => {
      while (!this.#stop.signal.aborted) {
        const message = this.redis.away ? undefined : queue.take();
        if (message === undefined) {
          await sleep(5);
          continue;
        }
        await work(message);
        if (!this.redis.away) queue.settle(message);
      }
    };
    this.#workers.push(loop());
  }

  /** Scores a shard as a worker does: parts, record, event. */
  async score(message: ShardMessage, rejecting = false): Promise<void> {
    const { run, shard } = message;
    const record = await this.makeRecord(message, rejecting);
    const { rows } = record;
    this.redis.eventsSide.publish({ kind: 'shard-done', run, shard, rows, work: workOf(record) });
  }

  /** Writes the parts and the record of a shard. */
  async makeRecord(message: ShardMessage, rejecting = false): Promise<ShardRecord> {
    const { planRun, shard, page } = message;
    const store = this.stores.open(message.output);
    const plan = await loadPlan(store, planRun);
    const { shards } = await loadPage(store, plan, page);
    const planned = shards.find((one) => one.shard === shard);
    if (planned === undefined) throw new Error(`no shard ${shard}`);
    const record =
      (await findRecord(store, plan, shard)) ?? (await makeParts(store, plan, planned, rejecting));
    await store.create(shardRecordKey(planRun, shard), Buffer.from(canonicalJson(record)));
    return record;
  }

  /** Fails a shard for good as a worker does. */
  async fail(message: ShardMessage, code: ShardFailure['code'] = 'INPUT_DAMAGED'): Promise<void> {
    const { run, planRun, planDigest, round, shard } = message;
    const error = { code, message: `shard ${shard} is bad`, remedy: 'fix it' };
    const attempt = { worker: 'w', startedAt: '', endedAt: '', error };
    const failure: ShardFailure = {
      format: FAILURE_FORMAT,
      runId: planRun,
      planDigest,
      round,
      shard,
      ...error,
      story: [attempt],
    };
    const key = failureKey(planRun, round, shard);
    await this.stores.open(message.output).create(key, Buffer.from(canonicalJson(failure)));
    this.redis.eventsSide.publish({ kind: 'shard-failed', run, shard });
  }

  /** The run as soon as it is as expected. */
  async until(run: string, as: (run: RegisteredRun) => boolean): Promise<RegisteredRun> {
    return eventually(
      async () => {
        const found = await this.registry.find(run);
        return found !== undefined && as(found) ? found : undefined;
      },
      async () =>
        `run ${run} is ${JSON.stringify(await this.registry.find(run))}\n${JSON.stringify(this.logged.slice(-20))}`,
    );
  }

  ended(run: string): Promise<RegisteredRun> {
    return this.until(run, ({ endedAt }) => endedAt !== null);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#services.map((service) => service.close()));
    await Promise.all(this.#workers);
    await this.stores.close();
  }
}

export async function withFleet(use: (fleet: Fleet) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const fleet = new Fleet(folder);
    try {
      await use(fleet);
    } finally {
      await fleet.close();
    }
  });
}

/** The value as soon as there is one. @throws after 45 s, saying how it stands */
export async function eventually<T>(
  check: () => Promise<T | undefined> | T | undefined,
  describe: () => Promise<string> | string = () => 'it did not come to pass',
): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const value = await check();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(await describe());
    await sleep(5);
  }
}

/** Waits until no scheduler takes care of any run. */
export const markersGone = (fleet: Fleet): Promise<true> =>
  eventually(async () =>
    (await keysOf(fleet.registry.store, 'active/')).length === 0 ? true : undefined,
  );

/** A job that writes to the output of the fleet. */
export const jobWith = (fleet: Fleet, output: object = {}, rest: object = {}) =>
  jobOf({ output: { uri: fleet.output, columns: { score: 'score' }, ...output }, ...rest });
