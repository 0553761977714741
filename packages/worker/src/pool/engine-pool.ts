import { ShardmillError, type ShardRecord } from '@shardmill/core';
import type { ShardMessage } from '@shardmill/queue';
import { untilAborted } from '../engine-process/until-aborted.js';
import { EngineBerth } from './engine-host.js';
import { settingsKey } from './engine-settings.js';
import type { EngineParkOptions, ParkRequest } from './pool-options.js';
import { placeShards } from './place-shards.js';

interface Waiting {
  readonly run: string;
  readonly shard: number;
  readonly request: ParkRequest;
  readonly enter: (berth: EngineBerth) => void;
}

/** The engines of a worker, and the shards that wait for one. `placeShards` says who goes where. */
export class EnginePark {
  readonly #berths: readonly EngineBerth[];
  #waiting: Waiting[] = [];
  /** Shards that nobody waits for any more and that may still be in an engine. */
  readonly #leaving = new Map<ShardMessage, Promise<void>>();

  constructor(readonly options: EngineParkOptions) {
    this.#berths = Array.from(
      { length: options.engines },
      () => new EngineBerth(options, () => this.#place()),
    );
  }

  /** Starts the engines ahead of the first shard. */
  start(): void {
    for (const berth of this.#berths) berth.warmUp();
  }

  /** Inference threads of all engines that have a run open. */
  get lanes(): number {
    return this.#berths.reduce((sum, { lanes }) => sum + lanes, 0);
  }

  /**
   * Scores a shard as soon as there is a place for it. A shard that was in an engine when that died
   * of another shard is scored again here, by itself, so that only the guilty one fails.
   * @throws what the shard failed of; INTERRUPTED, at once, when the signal is aborted
   */
  async scoreShard(request: ParkRequest, signal: AbortSignal): Promise<ShardRecord> {
    const berth = await this.#enter(request, signal);
    try {
      for (;;) {
        const slot = await untilAborted(berth.slot(), signal);
        try {
          return await slot.scoreShard(request.shard, signal);
        } catch (error) {
          const innocent = error instanceof ShardmillError && !slot.blames(error);
          if (!innocent || signal.aborted) throw error;
          request.onStartOver(error);
        }
      }
    } finally {
      this.#leave(berth, request);
    }
  }

  /** Ends when no engine has the shard any more; what it makes until then is told as before. */
  async untilOut(message: ShardMessage): Promise<void> {
    await this.#leaving.get(message);
  }

  /** No engine begins another part: shards end with INTERRUPTED after the parts that have begun. */
  finishParts(): void {
    for (const berth of this.#berths) berth.finishParts();
  }

  /** Resident bytes of each engine, 0 where there is none. */
  residentBytes(): Promise<number[]> {
    return Promise.all(this.#berths.map((berth) => berth.residentBytes()));
  }

  /** Ends all engines, at once. */
  async close(): Promise<void> {
    await Promise.all(this.#berths.map((berth) => berth.close()));
  }

  async #enter(request: ParkRequest, signal: AbortSignal): Promise<EngineBerth> {
    const entered = new Promise<EngineBerth>((enter) => {
      const { shard } = request.shard;
      this.#waiting.push({ run: settingsKey(request), shard, request, enter });
    });
    this.#place();
    try {
      return await untilAborted(entered, signal);
    } catch (error) {
      this.#waiting = this.#waiting.filter((one) => one.request !== request);
      // It may have been given a place in the same moment.
      void entered.then((berth) => berth.leave(request));
      throw error;
    }
  }

  #leave(berth: EngineBerth, request: ParkRequest): void {
    const { message } = request;
    const left = berth.untilOut(request).then(() => {
      berth.leave(request);
      this.#leaving.delete(message);
    });
    this.#leaving.set(message, left);
  }

  #place(): void {
    const states = this.#berths.map((berth) => berth.state);
    const places = placeShards(states, this.#waiting);
    const placed = this.#waiting.map((waiting, index) => ({ waiting, place: places[index] }));
    this.#waiting = placed.filter(({ place }) => place === undefined).map(({ waiting }) => waiting);
    for (const { waiting, place } of placed) {
      const berth = place === undefined ? undefined : this.#berths[place];
      if (berth === undefined) continue;
      berth.enter(waiting.run, waiting.request);
      waiting.enter(berth);
    }
  }
}
