import { type PlannedShard, ShardmillError, type ShardRecord } from '@shardmill/core';
import type { LaneSettings } from '../engine/protocol.js';
import type { PartProgress, RunSettings } from '../score/scorer.js';
import { Turns } from '../score/turns.js';
import { EngineProcess } from './engine-process.js';

export interface EngineSlotOptions {
  readonly settings: RunSettings & LaneSettings;
  readonly memoryLimitBytes: number;
  /** An engine that no part comes out of for so long is stopped. */
  readonly partTimeoutMs: number;
  readonly onProgress: (progress: PartProgress) => void;
  /** An engine that is started already; the slot takes it over. */
  readonly engine?: EngineProcess | undefined;
}

const WATCH_MS = 250;

/** A place for an engine with one run open: an engine that dies is replaced for the next shard. */
export class EngineSlot {
  #engine: EngineProcess | undefined;
  #opened: Promise<EngineProcess> | undefined;
  #busy = 0;
  #lastPartAt = 0;
  #crashes = 0;
  /** After a crash one shard at a time, so that the next one tells which it was. */
  readonly #alone = new Turns(1);
  /** Deaths under several shards. */
  readonly #shared = new WeakSet<ShardmillError>();
  #stopped: ShardmillError | undefined;

  constructor(readonly options: EngineSlotOptions) {
    this.#engine = options.engine;
  }

  /** Engines of this slot that have died under a shard. */
  get crashes(): number {
    return this.#crashes;
  }

  /** Whether what was thrown is this shard's doing: a death under several may be another's. */
  blames(error: ShardmillError): boolean {
    return !this.#shared.has(error);
  }

  /** @throws what the shard failed of; ENGINE_CRASHED, ENGINE_OUT_OF_MEMORY, PART_TIMEOUT */
  async scoreShard(shard: PlannedShard): Promise<ShardRecord> {
    const done = this.#crashes > 0 ? await this.#alone.take() : undefined;
    try {
      return await this.#scoreShard(shard);
    } finally {
      done?.();
    }
  }

  async #scoreShard(shard: PlannedShard): Promise<ShardRecord> {
    if (this.#stopped !== undefined) throw this.#stopped;
    const engine = await this.#open();
    if (this.#busy++ === 0) this.#lastPartAt = Date.now();
    const watch = setInterval(() => this.#watch(engine, shard), WATCH_MS);
    try {
      return await engine.scoreShard(shard);
    } catch (error) {
      if (!engine.alive && this.#stopped === undefined) {
        if (this.#engine === engine) {
          this.#engine = undefined;
          this.#opened = undefined;
        }
        this.#crashes++;
        if (this.#busy > 1 && error instanceof ShardmillError) this.#shared.add(error);
      }
      throw error;
    } finally {
      clearInterval(watch);
      this.#busy--;
    }
  }

  /** Ends whatever is going on, at once. */
  async close(reason: ShardmillError): Promise<void> {
    this.#stopped = reason;
    this.#engine?.kill(reason);
    await this.#engine?.close();
  }

  #open(): Promise<EngineProcess> {
    this.#opened ??= this.#start();
    return this.#opened;
  }

  async #start(): Promise<EngineProcess> {
    const engine = this.#engine?.alive === true ? this.#engine : EngineProcess.start();
    this.#engine = engine;
    engine.limitMemory(this.options.memoryLimitBytes);
    engine.onProgress = (progress) => {
      if (progress.finished !== null) this.#lastPartAt = Date.now();
      this.options.onProgress(progress);
    };
    try {
      await engine.openRun(this.options.settings);
      return engine;
    } catch (error) {
      this.#opened = undefined;
      this.#engine = undefined;
      await engine.close();
      throw error;
    }
  }

  #watch(engine: EngineProcess, shard: PlannedShard): void {
    const { partTimeoutMs } = this.options;
    if (Date.now() - this.#lastPartAt < partTimeoutMs) return;
    engine.kill(
      new ShardmillError(
        'PART_TIMEOUT',
        `no part was finished in ${Math.round(partTimeoutMs / 1000)} s`,
        { where: `shard ${shard.shard}` },
      ),
    );
  }
}
