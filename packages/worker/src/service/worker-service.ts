import { setTimeout as sleep } from 'node:timers/promises';
import type { ShardmillError, ShardRecord } from '@shardmill/core';
import type { ShardConsumer, ShardOutcome, ShardTask, WorkerInfo } from '@shardmill/queue';
import { Registry } from 'prom-client';
import type { Notice } from '../interruption/notice.js';
import type { PartProgress } from '../part/part-progress.js';
import { engineCount, thisMachine } from '../pool/choose-resources.js';
import { EngineProcess } from '../engine-process/engine-process.js';
import { describeShrunkCalls } from '../pool/shrink-calls.js';
import { shouldRelease } from '../drain/drain-plan.js';
import { EnginePool } from '../pool/engine-pool.js';
import { engineSettings } from '../pool/engine-settings.js';
import { logShardEnd } from './log-shard-end.js';
import { RefusedRounds } from '../shard/refused-rounds.js';
import { singlePassSetting } from '../part/single-pass/setting.js';
import { LoggedRuns } from '../shard/logged-runs.js';
import { SHARDS_PER_ENGINE } from '../pool/place-shards.js';
import type { ShardToScore } from '../shard/shard-worker-context.js';
import { StoredPlans } from '../shard/stored-plans.js';
import { InFlightShards } from '../drain/in-flight-shards.js';
import { ShardWorker } from '../shard/shard-worker.js';
import { WorkerMetrics } from './worker-metrics.js';
import type { WorkerServiceOptions } from './worker-options.js';

const SECOND = 1000;
const GRACE_MS = 25_000;
/** Interval of the checks which parts can be finished in the time left. */
const DRAIN_CHECK_MS = 50;
/** Margin before an announced deadline, for the shutdown after this process. */
const NOTICE_MARGIN_MS = 2000;
/** Time for handing shards back to the queue. */
const CONSUMER_CLOSE_MS = 4000;

/** A worker: takes shards of its pool from the queue and has engines score them. */
export class WorkerService {
  /** What `/metrics` shows: `await metrics.metrics()` is the text. */
  readonly metrics = new Registry();
  /** Resolved with the reason when the worker has released everything. */
  readonly drained: Promise<string>;
  readonly #settleDrained: (reason: string) => void;
  readonly #counts = new WorkerMetrics(this.metrics);
  readonly #tasks = new InFlightShards();
  readonly #refused = new RefusedRounds();
  readonly #drops = new Map<ShardTask, AbortController>();
  readonly #pool: EnginePool;
  readonly #worker: ShardWorker;
  readonly #concurrency: number;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #watching = new AbortController();
  #consumer: ShardConsumer | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #ticking: Promise<void> = Promise.resolve();
  #shardsDone = 0;
  #announcing = false;
  #draining:
    | { readonly reason: string; deadline: number; readonly done: Promise<void> }
    | undefined;

  constructor(readonly options: WorkerServiceOptions) {
    const { resources = {}, identity, cacheFolder, stores, storage, events, log } = options;
    this.#now = options.now ?? Date.now;
    this.#startedAt = this.#now();
    const machine = thisMachine();
    const engines = resources.engines ?? engineCount(machine);
    this.#concurrency = engines * SHARDS_PER_ENGINE;
    const singlePass = singlePassSetting(process.env);
    const context = { cacheFolder, resources: { ...resources, engines }, machine, singlePass };
    this.#pool = new EnginePool({
      engines,
      startEngine: () => EngineProcess.start({ storage, cacheFolder, ...options.engine }),
      settingsOf: (request) => engineSettings(request, context),
      onOpened: ({ message }, { providers, lanes, notices }) =>
        log.info({ run: message.run, providers, lanes, notices }, 'an engine has opened the run'),
      onShrunk: ({ message: { run } }, calls) => {
        log.warn({ run, ...calls }, describeShrunkCalls(calls));
        const { unit = 'row', after } = calls;
        const { rows = null, lanes } = after;
        events.publish({ kind: 'calls-shrunk', run, rows, unit, lanes });
      },
      onNotice: ({ message }, text) => log.warn({ run: message.run }, text),
      now: this.#now,
    });
    const store = (output: string) => stores.open(output);
    this.#worker = new ShardWorker({
      worker: identity.id,
      runs: new LoggedRuns(options.runs),
      plans: new StoredPlans(store),
      allow: options.engine?.allow,
      regionOf: stores.regionOf,
      store,
      scoreShard: (request, signal) => this.#score(request, signal),
      untilOut: (message) => this.#pool.untilOut(message),
      events,
      now: this.#now,
      random: options.random ?? Math.random,
      onEnd: (task, end) => {
        if (end.kind === 'done') this.#shardsDone++;
        this.#counts.ended(end);
        this.#refused.ended(task.message, end);
        logShardEnd(log, task, end);
      },
    });
    let settle = (_reason: string): void => {};
    this.drained = new Promise((resolve) => {
      settle = resolve;
    });
    this.#settleDrained = settle;
  }

  /** Begins to take shards. */
  start(): void {
    const { consumer, notices = [], log } = this.options;
    // Before anything is taken: a machine that is to go may have a new process on it.
    for (const source of notices) {
      void source.watch((notice) => this.#notice(source.name, notice), this.#watching.signal);
    }
    this.#pool.start();
    this.#ticker = setInterval(() => this.#tick(), SECOND);
    this.#tick();
    this.#consumer = consumer(this.#concurrency);
    this.#consumer.start(
      (task) => this.#work(task),
      (round, reason) => this.#refused.refused(round, 'MESSAGE_REFUSED', reason),
    );
    log.info({ pool: this.options.pool, concurrency: this.#concurrency }, 'taking shards');
  }

  /** Whether it takes shards; else why not. */
  ready(): { readonly ready: boolean; readonly why: string } {
    if (this.#draining !== undefined) return { ready: false, why: this.#draining.reason };
    if (this.#consumer === undefined) return { ready: false, why: 'not started' };
    return { ready: true, why: 'taking shards' };
  }

  /**
   * Takes no more shards, finishes the parts that fit into the time, hands everything back, ends
   * the engines. Calling it again can only shorten the time.
   * @param reason `sigterm`, a cloud's notice: for the log and the metrics
   * @param graceMs default: `options.graceMs`
   */
  drain(reason: string, graceMs = this.options.graceMs ?? GRACE_MS): Promise<void> {
    const deadline = this.#now() + graceMs;
    if (this.#draining !== undefined) {
      this.#draining.deadline = Math.min(this.#draining.deadline, deadline);
      return this.#draining.done;
    }
    this.options.log.info({ reason, graceMs, shards: this.#drops.size }, 'draining');
    this.#counts.drain(reason);
    this.#consumer?.stop();
    this.#pool.finishParts();
    this.#draining = { reason, deadline, done: Promise.resolve() };
    const done = this.#drain();
    this.#draining = { reason, deadline, done };
    return done;
  }

  /** Hands everything back at once, and ends the engines. */
  async close(): Promise<void> {
    await this.drain('close', 0);
  }

  async #drain(): Promise<void> {
    while (this.#drops.size > 0) {
      const now = this.#now();
      const timeLeftMs = (this.#draining?.deadline ?? now) - now;
      for (const [task, drop] of this.#drops) {
        if (shouldRelease(this.#tasks.inFlight(task, now), timeLeftMs)) drop.abort();
      }
      await sleep(DRAIN_CHECK_MS);
    }
    await this.#end();
  }

  async #end(): Promise<void> {
    const { presence, identity, log } = this.options;
    this.#watching.abort();
    clearInterval(this.#ticker);
    await this.#ticking;
    const closed = this.#consumer?.close().then(() => true) ?? Promise.resolve(true);
    const timer = new AbortController();
    const tooLate = sleep(CONSUMER_CLOSE_MS, false, { signal: timer.signal }).catch(() => false);
    const [handedBack] = await Promise.all([Promise.race([closed, tooLate]), this.#pool.close()]);
    timer.abort();
    if (!handedBack) {
      log.warn({}, 'the queue did not confirm every shard in time: their locks run out');
    }
    await presence.leave(identity.id).catch(() => {});
    log.info({ reason: this.#draining?.reason }, 'drained');
    this.#settleDrained(this.#draining?.reason ?? '');
  }

  async #work(task: ShardTask): Promise<ShardOutcome> {
    if (this.#draining !== undefined) return { kind: 'handed-back' };
    const drop = new AbortController();
    this.#drops.set(task, drop);
    this.#tasks.add(task, this.#now());
    try {
      return await this.#worker.work(task, drop.signal);
    } finally {
      this.#drops.delete(task);
      this.#tasks.remove(task);
    }
  }

  #score(request: ShardToScore, signal: AbortSignal): Promise<ShardRecord> {
    const { message, shard, onPart, onFile } = request;
    this.#tasks.scoring(message, shard);
    const onProgress = (progress: PartProgress): void => {
      if (progress.created !== undefined) onFile(progress.created);
      const finished = this.#tasks.progress(message, progress, this.#now());
      if (!finished || progress.finished === null) return;
      this.#counts.part(progress);
      onPart(progress.finished, !progress.resumed);
    };
    const onStartOver = (error: ShardmillError): void => {
      this.#tasks.startOver(message);
      this.#counts.startedOver(error.code);
      const fields = { run: message.run, shard: shard.shard, error: error.toRecord() };
      this.options.log.warn(fields, 'an engine died of another shard or of this one');
    };
    return this.#pool.scoreShard({ ...request, onProgress, onStartOver }, signal);
  }

  #notice(source: string, notice: Notice): void {
    const { log, graceMs = GRACE_MS } = this.options;
    log.warn({ source, ...notice }, 'the cloud has given notice');
    this.#counts.notice(source, notice.kind);
    const timeLeftMs = notice.deadline === null ? graceMs : notice.deadline - this.#now();
    const marginMs = notice.deadline === null ? 0 : NOTICE_MARGIN_MS;
    void this.drain(`${source} ${notice.kind}`, Math.max(0, timeLeftMs - marginMs));
  }

  /** Announces this worker; skipped where the last announcement has not ended yet. */
  #tick(): void {
    if (this.#announcing) return;
    this.#announcing = true;
    this.#ticking = this.#announce().finally(() => {
      this.#announcing = false;
    });
  }

  async #announce(): Promise<void> {
    const residentBytes = await this.#pool.residentBytes();
    const at = this.#now();
    const rowsPerSecond = this.#tasks.rowsPerSecond(at);
    const { lanes } = this.#pool;
    this.#counts.now({ at, inFlight: this.#tasks.size, lanes, rowsPerSecond, residentBytes });
    const { identity, pool, providers = ['cpu'], presence } = this.options;
    const engines = residentBytes.reduce((sum, bytes) => sum + bytes, 0);
    const info: WorkerInfo = {
      ...identity,
      kind: 'worker',
      startedAt: new Date(this.#startedAt).toISOString(),
      seenAt: at,
      pool,
      state: this.#draining === undefined ? 'taking' : 'draining',
      concurrency: this.#concurrency,
      residentBytes: process.memoryUsage.rss() + engines,
      rowsPerSecond,
      shardsDone: this.#shardsDone,
      providers,
      tasks: this.#tasks.list((task) => this.#worker.secondsOf(task)),
      refusals: this.#refused.list(),
    };
    await presence.announce(info).catch(() => {});
  }
}
