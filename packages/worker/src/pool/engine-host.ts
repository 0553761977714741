import { ShardmillError } from '@shardmill/core';
import type { PartProgress } from '../part/part-progress.js';
import type { EngineProcess } from '../engine-process/engine-process.js';
import { OpenRun } from './open-run.js';
import { residentBytes } from '../engine-process/resident-memory.js';
import type { EngineSettings } from './engine-settings.js';
import type { EnginePoolOptions, PoolRequest } from './pool-options.js';
import type { EngineState } from './place-shards.js';
import { shouldRecycle } from './should-recycle.js';

interface Open {
  readonly run: OpenRun;
  readonly engineSettings: EngineSettings;
}

/** The place of one engine process in the pool: one run at a time is open in it. */
export class EngineHost {
  #run: string | undefined;
  #open: Promise<Open> | undefined;
  #current: Open | undefined;
  readonly #requests = new Set<PoolRequest>();
  /** A process that has no run open. */
  #spare: EngineProcess | undefined;
  #retiring = false;
  #closed = false;
  /** When it was looked at last. */
  #residentBytes = 0;
  #usedAt = 0;
  #shards = 0;
  #runs = 0;
  lanes = 0;

  constructor(
    readonly options: EnginePoolOptions,
    /** Told when there may be room for another shard. */
    readonly onRoom: () => void,
  ) {}

  get state(): EngineState {
    const entered = [...this.#requests].map(({ shard }) => shard.shard);
    // Those that were let go of may still be in the engine.
    const inside = this.#current?.run.shards ?? [];
    return {
      run: this.#run,
      shards: [...new Set([...entered, ...inside])],
      retiring: this.#retiring,
      usedAt: this.#usedAt,
    };
  }

  warmUp(): void {
    this.#spare ??= this.options.startEngine();
  }

  /** A shard gets a place; where it is of another run than those before, the engine is empty. */
  enter(run: string, request: PoolRequest): void {
    if (this.#run !== run || this.#retiring) {
      this.#run = run;
      this.#open = this.#reopen(request);
      this.#open.catch(() => {
        // The next shard tries anew.
        this.#run = undefined;
      });
    }
    this.#requests.add(request);
    this.#usedAt = this.options.now();
  }

  leave(request: PoolRequest): void {
    if (!this.#requests.delete(request)) return;
    this.#usedAt = this.options.now();
    this.#shards++;
    this.#checkHealth();
    this.onRoom();
  }

  /** @throws what the run could not be opened for */
  async openRun(): Promise<OpenRun> {
    const open = await this.#open;
    if (open === undefined) throw new ShardmillError('INTERNAL', 'no run is open in this engine');
    return open.run;
  }

  /** Ends when the engine has let go of the shard. */
  async untilOut({ shard }: PoolRequest): Promise<void> {
    await this.#current?.run.untilOut(shard);
  }

  finishParts(): void {
    this.#current?.run.finishParts();
  }

  async residentBytes(): Promise<number> {
    const pid = this.#current?.run.pid ?? this.#spare?.pid;
    this.#residentBytes = pid === undefined ? 0 : ((await residentBytes(pid)) ?? 0);
    return this.#residentBytes;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const reason = new ShardmillError('INTERRUPTED', 'the worker ends');
    await this.#open?.catch(() => {});
    await Promise.all([this.#current?.run.close(reason), this.#spare?.close()]);
    await this.#current?.engineSettings.release();
    this.#current = undefined;
    this.#spare = undefined;
  }

  async #reopen(request: PoolRequest): Promise<Open> {
    const before = this.#current;
    this.#current = undefined;
    this.#spare = before?.run.detach() ?? this.#spare;
    await before?.engineSettings.release();
    if (this.#retiring) {
      await this.#spare?.close();
      this.#spare = undefined;
      this.#retiring = false;
    }
    const { options } = this;
    const engineSettings = await options.settingsOf(request);
    if (this.#closed) {
      await engineSettings.release();
      throw new ShardmillError('INTERRUPTED', 'the worker ends');
    }
    this.#runs = this.#spare === undefined ? 1 : this.#runs + 1;
    if (this.#spare === undefined) this.#shards = 0;
    const run = new OpenRun({
      ...engineSettings,
      partTimeoutMs: request.message.partTimeoutMs,
      engine: this.#spare,
      startEngine: options.startEngine,
      onProgress: (progress) => this.#progress(progress),
      onOpened: (opened) => {
        this.lanes = opened.lanes;
        options.onOpened(request, opened);
      },
      onShrunk: (calls) => options.onShrunk(request, calls),
      onNotice: (text) => options.onNotice?.(request, text),
      onLeft: this.onRoom,
    });
    this.#spare = undefined;
    this.#current = { run, engineSettings };
    return this.#current;
  }

  #progress(progress: PartProgress): void {
    for (const request of this.#requests) {
      if (request.shard.shard === progress.shard) request.onProgress(progress);
    }
  }

  /** Whether the engine is to be replaced, once no shard is in it. */
  #checkHealth(): void {
    if (this.#current === undefined) return;
    this.#retiring ||= shouldRecycle({
      residentBytes: this.#residentBytes,
      memoryLimitBytes: this.#current.engineSettings.memoryLimitBytes,
      shards: this.#shards,
      runs: this.#runs,
    });
  }
}
