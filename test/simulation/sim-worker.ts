import type { ShardTask } from '@shardmill/queue';
import { RunRegistry, runLogOf } from '@shardmill/scheduler';
import { ShardWorker, StoredPlans } from '@shardmill/worker';
import { LoggedRuns } from '@shardmill/worker/service';
import { type EngineRules, simEngine } from './sim-engine.js';
import type { SimInput } from './sim-input.js';
import type { SimQueue } from './sim-queue.js';
import type { SimRedis } from './sim-redis.js';
import { STATE } from './sim-scheduler.js';
import { type ObjectSpace, SimStore } from './sim-store.js';
import type { SimProcess, World } from './world.js';

/** Shards that a worker has in hand at once. */
const CONCURRENCY = 2;

export interface WorkerParts {
  readonly world: World;
  readonly space: ObjectSpace;
  readonly queue: SimQueue;
  readonly redis: SimRedis;
  readonly input: SimInput;
  readonly engine: EngineRules;
  /** Whether shards are settled before they are worked on: what no worker may do. */
  readonly acknowledgesFirst: boolean;
  /** Whether a worker never looks if the run that it works for is still there. */
  readonly trustsPlans: boolean;
}

/**
 * A worker process: the real logic of working a shard on a simulated engine, queue and store.
 * @returns what makes it let go of everything and end, as a notice of interruption does.
 */
export function startWorker(process: SimProcess, parts: WorkerParts): () => void {
  const { world, space, queue, redis, input, engine } = parts;
  const storesOf =
    (of: SimProcess) =>
    (output: string): SimStore =>
      new SimStore(space, of, output);
  const storeOf = storesOf(process);
  const registry = new RunRegistry(storeOf(STATE));
  const worker = new ShardWorker({
    worker: process.id,
    runs: new LoggedRuns(runLogOf(registry)),
    plans: parts.trustsPlans ? new TrustedPlans(storeOf) : new StoredPlans(storeOf),
    regionOf: async () => undefined,
    store: storeOf,
    scoreShard: simEngine(world, process, input, storesOf, engine),
    events: redis.events(process),
    now: () => world.now,
    random: world.random,
    onEnd: () => {},
  });
  const drop = new AbortController();
  const work = async (task: ShardTask): Promise<void> => {
    if (parts.acknowledgesFirst) await queue.finish(process, task, { kind: 'settled' });
    await queue.finish(process, task, await worker.work(task, drop.signal));
  };
  const lane = async (): Promise<void> => {
    while (!drop.signal.aborted) {
      const task = await queue.take(process, drop.signal);
      if (task !== undefined) await work(task);
    }
  };
  const lanes = Array.from({ length: CONCURRENCY }, lane);
  // An interrupted worker ends when nothing is in its hands any more.
  void Promise.all(lanes).then(() => world.kill(process));
  return () => drop.abort();
}

class TrustedPlans extends StoredPlans {
  override async exists(): Promise<boolean> {
    return true;
  }
}
