import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileStore, type ObjectContent, partKey, ShardmillError } from '@shardmill/core';
import type { ShardOutcome, ShardTask } from '@shardmill/queue';
import { afterEach, beforeEach } from 'vitest';
import { untilAborted } from '../engine-process/until-aborted.js';
import type { ScoreShard, ShardEnd, ShardWorkerContext } from '../shard/shard-worker-context.js';
import { StoredPlans } from '../shard/stored-plans.js';
import { ShardWorker } from '../shard/shard-worker.js';
import {
  KeptEvents,
  makePart,
  recordOf,
  type SamplePlan,
  storeSamplePlan,
  taskOf,
} from './sample-plan.js';

export const RUN = 'run-a';
const NOW = Date.parse('2026-11-22T06:00:00Z');

/** A store in which writes of some keys fail. */
class FaultyStore extends FileStore {
  fault: ((key: string) => ShardmillError | undefined) | undefined;
  override async create(key: string, content: ObjectContent): Promise<'created' | 'exists'> {
    const error = this.fault?.(key);
    if (error !== undefined) throw error;
    return super.create(key, content);
  }
  override async head(key: string): ReturnType<FileStore['head']> {
    const error = this.fault?.(`head ${key}`);
    if (error !== undefined) throw error;
    return super.head(key);
  }
}

/** A shard worker of its own for each test of a file, with what it works on. */
export function useShardBench(): ShardBench {
  const bench = new ShardBench();
  beforeEach(() => bench.open());
  afterEach(() => bench.close());
  return bench;
}

export class ShardBench {
  folder = '';
  store!: FaultyStore;
  sample!: SamplePlan;
  worker!: ShardWorker;
  events = new KeptEvents();
  ends: ShardEnd[] = [];
  scored: number[] = [];
  /** What the engine does in the middle of a shard, after its first part. */
  halfWay: () => Promise<void> | void = () => {};
  /** What the log of runs says against the message. */
  refusal: () => string | undefined = () => undefined;
  allow: ShardWorkerContext['allow'];
  now = NOW;
  /** A shard that is handed back is not waited for, and its parts are still being written. */
  #scoring: Promise<unknown>[] = [];
  #closing = new AbortController();

  async open(): Promise<void> {
    this.folder = await mkdtemp(path.join(tmpdir(), 'shardmill-work-shard-'));
    this.store = new FaultyStore(this.folder);
    this.sample = await storeSamplePlan(this.store, RUN);
    this.events = new KeptEvents();
    this.ends = [];
    this.scored = [];
    this.halfWay = () => {};
    this.refusal = () => undefined;
    this.allow = undefined;
    this.worker = this.newWorker(this.score);
    this.now = NOW;
    this.#closing = new AbortController();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#scoring.splice(0));
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Makes both parts, or finds them there. */
  readonly score: ScoreShard = (request, signal) => {
    const scoring = this.#score(request, signal);
    this.#scoring.push(scoring);
    return scoring;
  };

  readonly #score: ScoreShard = async ({ plan, shard, onPart }) => {
    this.scored.push(shard.shard);
    const parts = [];
    for (const { part } of shard.parts) {
      // Of some tests it never ends.
      if (part === 1) await untilAborted(Promise.resolve(this.halfWay()), this.#closing.signal);
      const existed = (await this.store.head(partKey(plan.runId, shard.shard, part))) !== undefined;
      const made = await makePart(this.store, plan.runId, shard.shard, part);
      onPart(made, !existed);
      parts.push(made);
    }
    return recordOf(plan, shard.shard, parts);
  };

  newWorker(scoreShard: ScoreShard, untilOut?: ShardWorkerContext['untilOut']): ShardWorker {
    return new ShardWorker({
      worker: 'host-1-aa',
      runs: { refusal: async () => this.refusal() },
      plans: new StoredPlans(() => this.store),
      allow: this.allow,
      regionOf: async () => undefined,
      store: () => this.store,
      scoreShard,
      untilOut,
      events: this.events,
      now: () => this.now,
      random: () => 0.5,
      onEnd: (_task, end) => this.ends.push(end),
    });
  }

  work(change: Partial<ShardTask> = {}, drop = new AbortController()): Promise<ShardOutcome> {
    return this.worker.work(taskOf(this.sample.message(1), change), drop.signal);
  }

  async keys(prefix = ''): Promise<string[]> {
    const found: string[] = [];
    for await (const { key } of this.store.list(prefix)) found.push(key);
    return found;
  }
}

/** What fails with this code. */
export const failing = (code: ConstructorParameters<typeof ShardmillError>[0]) => (): never => {
  throw new ShardmillError(code, 'as the test asks');
};
