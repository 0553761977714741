import { type PlannedShard, Semaphore, ShardmillError, type ShardRecord } from '@shardmill/core';
import type { LaneSettings, OpenedRun } from '../engine/protocol.js';
import type { PartProgress } from '../part/part-progress.js';
import type { RunSettings } from '../part/run-settings.js';
import { whileTokenizing } from '../engine-process/engine-death.js';
import { EngineProcess } from '../engine-process/engine-process.js';
import { PartClock } from './part-clock.js';
import { CrashAttribution } from './crash-attribution.js';
import { shrinkCalls, type ShrunkCalls } from './shrink-calls.js';
import { untilAborted } from '../engine-process/until-aborted.js';

export interface OpenRunOptions {
  readonly settings: RunSettings & LaneSettings;
  readonly memoryLimitBytes: number;
  /** An engine in which a part does not go on for longer is stopped. */
  readonly partTimeoutMs: number;
  readonly onProgress: (progress: PartProgress) => void;
  /** Is called with each engine in which the run was opened. */
  readonly onOpened?: ((opened: OpenedRun) => void) | undefined;
  /** Is called when the model is called with fewer rows from now on, for want of memory. */
  readonly onShrunk?: ((calls: ShrunkCalls) => void) | undefined;
  /** Is called with what is not as the settings asked, in a sentence. */
  readonly onNotice?: ((text: string) => void) | undefined;
  /** Is called when a shard is out of the engine, however it ended. */
  readonly onLeft?: (() => void) | undefined;
  /** An engine that is started already; it is taken over. */
  readonly engine?: EngineProcess | undefined;
  readonly startEngine?: (() => EngineProcess) | undefined;
}

const WATCH_MS = 250;
/** The engine is stopped where an abandoned shard stays in it for longer. */
const RELEASE_LIMIT_MS = 10_000;
/** Loading native code and the model takes a while, however short the parts are. */
const MIN_OPEN_LIMIT_MS = 60_000;
/** Engines of one run that may have no room before that is held against the shards. */
const MAX_FREE_SHRINKS = 4;
const NEVER = new AbortController().signal;

/** One run, open in an engine process; an engine that dies is replaced for the next shard. */
export class OpenRun {
  #engine: EngineProcess | undefined;
  #opened: Promise<EngineProcess> | undefined;
  /** Shards in the engine, and since when they are abandoned. */
  readonly #inside = new Map<PlannedShard, number | undefined>();
  readonly #leaving = new Map<PlannedShard, Promise<unknown>>();
  readonly #clock = new PartClock();
  #watch: NodeJS.Timeout | undefined;
  readonly #attribution = new CrashAttribution<EngineProcess>();
  /** Held by a shard that is to be tried alone. */
  readonly #alone = new Semaphore(1);
  #stopped: ShardmillError | undefined;
  /** Settings of the run for the next engine, after one that had no room. */
  #smaller: Partial<RunSettings & LaneSettings> = {};
  #shrinks = 0;
  /** Deaths after which the same shards are scored again with smaller calls. */
  readonly #forgiven = new WeakSet<ShardmillError>();

  constructor(readonly options: OpenRunOptions) {
    this.#engine = options.engine;
  }

  /** Numbers of the shards in the engine, abandoned ones included. */
  get shards(): number[] {
    return [...this.#inside.keys()].map(({ shard }) => shard);
  }

  /** Ends when the shard is out of the engine: after an abort, that takes a while. */
  async untilOut(shard: PlannedShard): Promise<void> {
    await this.#leaving.get(shard);
  }

  get pid(): number | undefined {
    return this.#engine?.pid;
  }

  /** Whether what was thrown is this shard's doing: a death under several may be another's. */
  blames(error: ShardmillError): boolean {
    return this.#attribution.blames(error);
  }

  /**
   * Scores a shard. After a death under several shards, each of these is by itself the next time.
   * Where an engine had no room, the shard is scored again with smaller calls, a few times.
   * @throws what the shard failed of; ENGINE_CRASHED, ENGINE_OUT_OF_MEMORY, PART_TIMEOUT;
   *   INTERRUPTED, at once, when the signal is aborted
   */
  async scoreShard(shard: PlannedShard, signal: AbortSignal = NEVER): Promise<ShardRecord> {
    for (;;) {
      try {
        return await this.#scoreAloneIfSuspect(shard, signal);
      } catch (error) {
        if (!(error instanceof ShardmillError) || !this.#forgiven.has(error)) throw error;
      }
    }
  }

  async #scoreAloneIfSuspect(shard: PlannedShard, signal: AbortSignal): Promise<ShardRecord> {
    const permit = this.#attribution.hasSuspects ? this.#alone.acquire() : undefined;
    try {
      if (permit !== undefined) await untilAborted(permit, signal);
      const record = await this.#scoreShard(shard, signal);
      this.#attribution.ended(shard.shard, undefined);
      return record;
    } catch (error) {
      this.#attribution.ended(shard.shard, error);
      throw error;
    } finally {
      void permit?.then((release) => release());
    }
  }

  /** No part begins any more: shards end after the parts that have begun. */
  finishParts(): void {
    this.#engine?.finishParts().catch(() => {});
  }

  /** Gives the engine away, if there is one that lives. Only where no shard is inside. */
  detach(): EngineProcess | undefined {
    const engine = this.#engine;
    this.#stopped = new ShardmillError('INTERRUPTED', 'the engine has another run');
    this.#engine = undefined;
    clearInterval(this.#watch);
    return engine?.alive === true ? engine : undefined;
  }

  /** Ends all work in the engine, at once. */
  async close(reason: ShardmillError): Promise<void> {
    this.#stopped = reason;
    clearInterval(this.#watch);
    this.#engine?.kill(reason);
    await this.#engine?.close();
  }

  async #scoreShard(shard: PlannedShard, signal: AbortSignal): Promise<ShardRecord> {
    const engine = await untilAborted(this.#open(), signal);
    this.#inside.set(shard, undefined);
    this.#clock.enter(shard.shard, Date.now());
    this.#watch ??= setInterval(() => this.#checkProgress(), WATCH_MS);
    const scored = engine.scoreShard(shard).finally(() => this.#leave(engine, shard));
    this.#leaving.set(
      shard,
      scored.catch(() => {}),
    );
    try {
      return await untilAborted(scored, signal);
    } catch (error) {
      if (signal.aborted && this.#inside.has(shard)) {
        this.#inside.set(shard, Date.now());
        engine.cancelShard(shard.shard).catch(() => {});
      }
      throw this.#attribution.errorOf(shard.shard, error, engine);
    }
  }

  #leave(engine: EngineProcess, shard: PlannedShard): void {
    if (!engine.alive && this.#engine === engine && this.#stopped === undefined) this.#died(engine);
    this.#inside.delete(shard);
    this.#leaving.delete(shard);
    this.#clock.leave(shard.shard, Date.now());
    if (this.#inside.size === 0) {
      clearInterval(this.#watch);
      this.#watch = undefined;
    }
    this.options.onLeft?.();
  }

  #died(engine: EngineProcess): void {
    this.#engine = undefined;
    this.#opened = undefined;
    if (this.#shrink(engine)) return;
    const waitedFor = [...this.#inside].filter(([, abandonedAt]) => abandonedAt === undefined);
    if (waitedFor.length === 0) return;
    const shards = waitedFor.map(([{ shard }]) => shard);
    this.#attribution.engineDied(engine, shards, this.#inside.size);
  }

  /** @returns whether the shards of the engine are to be scored again with smaller calls. */
  #shrink({ death, callRows }: EngineProcess): boolean {
    const { settings } = this.options;
    const unit = settings.scoring.text === undefined ? undefined : 'token';
    const shrunk = shrinkCalls(death, { ...settings, ...this.#smaller }, callRows, unit);
    if (shrunk === undefined || death === undefined) return false;
    const { rows = this.#smaller.maxCallRows, lanes } = shrunk.after;
    const deviceLanes = Math.min(lanes, this.options.settings.deviceLanes);
    this.#smaller = { maxCallRows: rows, lanes, deviceLanes };
    this.options.onShrunk?.(shrunk);
    if (++this.#shrinks > MAX_FREE_SHRINKS) return false;
    this.#forgiven.add(death);
    return true;
  }

  async #open(): Promise<EngineProcess> {
    if (this.#stopped !== undefined) throw this.#stopped;
    const opened = await this.#opened;
    // It may have died while no shard was in it.
    if (opened?.alive === false && this.#engine === opened) {
      this.#engine = undefined;
      this.#opened = undefined;
    }
    this.#opened ??= this.#start();
    return this.#opened;
  }

  async #start(): Promise<EngineProcess> {
    const { startEngine = () => EngineProcess.start(), settings, partTimeoutMs } = this.options;
    const engine = this.#engine?.alive === true ? this.#engine : startEngine();
    this.#engine = engine;
    this.#attribution.engineStarted();
    engine.limitMemory(this.options.memoryLimitBytes);
    engine.onProgress = (progress) => this.#moved(progress);
    engine.onNotice = (text) => this.options.onNotice?.(text);
    const limitMs = Math.max(partTimeoutMs, MIN_OPEN_LIMIT_MS);
    const timer = setTimeout(() => {
      const message = `the model was not loaded in ${Math.round(limitMs / 1000)} s`;
      engine.kill(new ShardmillError('PART_TIMEOUT', message));
    }, limitMs);
    try {
      const opened = await engine.openRun({ ...settings, ...this.#smaller });
      this.options.onOpened?.(opened);
      return engine;
    } catch (error) {
      this.#opened = undefined;
      this.#engine = undefined;
      if (this.#stopped === undefined) this.#shrink(engine);
      await engine.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #moved(progress: PartProgress): void {
    const { shard, part, scored, rejected, finished } = progress;
    if (finished === null) this.#clock.move(shard, part, scored + rejected, Date.now());
    else this.#clock.end(shard, part, Date.now());
    this.options.onProgress(progress);
  }

  /** Stops the engine of a part that does not go on, or of abandoned shards that stay. */
  #checkProgress(): void {
    const { partTimeoutMs } = this.options;
    const overdue = this.#clock.overdue(Date.now(), partTimeoutMs);
    if (overdue !== undefined) {
      const { shard, part } = overdue;
      const slow = whileTokenizing(this.#engine?.slowTokenizer);
      const message = `a part did not go on for ${Math.round(partTimeoutMs / 1000)} s${slow}`;
      const where = part === undefined ? `shard ${shard}` : `shard ${shard}, part ${part}`;
      const error = new ShardmillError('PART_TIMEOUT', message, { where });
      this.#attribution.stoppedFor(shard, error);
      this.#engine?.kill(error);
      return;
    }
    const abandoned = [...this.#inside.values()];
    if (abandoned.some((at) => at === undefined)) return;
    if (abandoned.every((at) => Date.now() - (at ?? 0) < RELEASE_LIMIT_MS)) return;
    this.#engine?.kill(new ShardmillError('INTERRUPTED', 'the engine did not release a shard'));
  }
}
