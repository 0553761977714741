import { ShardmillError, type ShardRecord } from '@shardmill/core';
import type { ShardMessage } from '@shardmill/queue';
import { untilAborted } from '../engine-process/until-aborted.js';
import { EngineHost } from './engine-host.js';
import { settingsKey } from './engine-settings.js';
import type { EnginePoolOptions, PoolRequest } from './pool-options.js';
import { placeShards } from './place-shards.js';

interface Waiting {
  readonly run: string;
  readonly shard: number;
  readonly request: PoolRequest;
  readonly enter: (host: EngineHost) => void;
}

/** The engines of a worker, and the shards that wait for one. `placeShards` says who goes where. */
export class EnginePool {
  readonly #hosts: readonly EngineHost[];
  #waiting: Waiting[] = [];
  /** Shards that nobody waits for any more and that may still be in an engine. */
  readonly #leaving = new Map<ShardMessage, Promise<void>>();

  constructor(readonly options: EnginePoolOptions) {
    this.#hosts = Array.from(
      { length: options.engines },
      () => new EngineHost(options, () => this.#place()),
    );
  }

  /** Starts the engines ahead of the first shard. */
  start(): void {
    for (const host of this.#hosts) host.warmUp();
  }

  /** Inference threads of all engines that have a run open. */
  get lanes(): number {
    return this.#hosts.reduce((sum, { lanes }) => sum + lanes, 0);
  }

  /**
   * Scores a shard as soon as there is a place for it. A shard that was in an engine when that died
   * of another shard is scored again here, by itself, so that only the guilty one fails.
   * @throws what the shard failed of; INTERRUPTED, at once, when the signal is aborted
   */
  async scoreShard(request: PoolRequest, signal: AbortSignal): Promise<ShardRecord> {
    const host = await this.#enter(request, signal);
    try {
      for (;;) {
        const run = await untilAborted(host.openRun(), signal);
        try {
          return await run.scoreShard(request.shard, signal);
        } catch (error) {
          const innocent = error instanceof ShardmillError && !run.blames(error);
          if (!innocent || signal.aborted) throw error;
          request.onStartOver(error);
        }
      }
    } finally {
      this.#leave(host, request);
    }
  }

  /** Ends when no engine has the shard any more; what it makes until then is told as before. */
  async untilOut(message: ShardMessage): Promise<void> {
    await this.#leaving.get(message);
  }

  /** No engine begins another part: shards end with INTERRUPTED after the parts that have begun. */
  finishParts(): void {
    for (const host of this.#hosts) host.finishParts();
  }

  /** Resident bytes of each engine, 0 where there is none. */
  residentBytes(): Promise<number[]> {
    return Promise.all(this.#hosts.map((host) => host.residentBytes()));
  }

  /** Ends all engines, at once. */
  async close(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.close()));
  }

  async #enter(request: PoolRequest, signal: AbortSignal): Promise<EngineHost> {
    const entered = new Promise<EngineHost>((enter) => {
      const { shard } = request.shard;
      this.#waiting.push({ run: settingsKey(request), shard, request, enter });
    });
    this.#place();
    try {
      return await untilAborted(entered, signal);
    } catch (error) {
      this.#waiting = this.#waiting.filter((one) => one.request !== request);
      // It may have been given a place in the same moment.
      void entered.then((host) => host.leave(request));
      throw error;
    }
  }

  #leave(host: EngineHost, request: PoolRequest): void {
    const { message } = request;
    const left = host.untilOut(request).then(() => {
      host.leave(request);
      this.#leaving.delete(message);
    });
    this.#leaving.set(message, left);
  }

  #place(): void {
    const states = this.#hosts.map((host) => host.state);
    const places = placeShards(states, this.#waiting);
    const placed = this.#waiting.map((waiting, index) => ({ waiting, place: places[index] }));
    this.#waiting = placed.filter(({ place }) => place === undefined).map(({ waiting }) => waiting);
    for (const { waiting, place } of placed) {
      const host = place === undefined ? undefined : this.#hosts[place];
      if (host === undefined) continue;
      host.enter(waiting.run, waiting.request);
      waiting.enter(host);
    }
  }
}
