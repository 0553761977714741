import { RunRegistry } from '@shardmill/scheduler';
import { SchedulerService } from '@shardmill/scheduler/service';
import { syntheticPlan } from '../../packages/scheduler/src/testing/synthetic-plan.js';
import type { SimInput } from './sim-input.js';
import type { SimQueue } from './sim-queue.js';
import type { SimRedis } from './sim-redis.js';
import { type ObjectSpace, SimStore, SimStores } from './sim-store.js';
import type { SimProcess, World } from './world.js';

/** The state location. */
export const STATE = 's3://state';

export interface SchedulerParts {
  readonly world: World;
  readonly space: ObjectSpace;
  readonly queue: SimQueue;
  readonly redis: SimRedis;
  readonly input: SimInput;
  readonly shards: number;
  readonly partsPerShard: number;
}

/** A scheduler process: the real service on a simulated world. */
export function startScheduler(process: SimProcess, parts: SchedulerParts): SchedulerService {
  const { world, space, queue, redis, input, shards, partsPerShard } = parts;
  const log =
    (level: string) =>
    (fields: object, message: string): void =>
      world.tell(`${process.id} ${level}: ${message} ${JSON.stringify(fields)}`);
  const service = new SchedulerService({
    registry: new RunRegistry(new SimStore(space, process, STATE)),
    stores: new SimStores(space, process),
    queue: () => queue.producer(process),
    events: redis.events(process),
    presence: redis.presence(),
    views: redis.views(),
    identity: { id: process.id, host: 'h', pid: 1, version: '1' },
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    versions: {},
    clock: {
      now: () => world.now,
      sleep: (ms, signal) => world.sleep(process, ms, signal),
    },
    random: world.random,
    // A window smaller than the run, so that it moves.
    settings: { smallestWindow: 3, viewMs: 5_000 },
    // No run of a simulation waits for its input.
    lookAtInput: () => Promise.reject(new Error('nobody waits')),
    makePlan: ({ run, job }) =>
      world.op(process, `plans ${run}`, () =>
        syntheticPlan({
          runId: run,
          output: job.output.uri,
          mode: job.output.mode,
          input: String(job.input.uri),
          etag: input.etag,
          createdAt: new Date(world.now),
          shards,
          partsPerShard,
          rowsPerPart: 12,
        }),
      ),
  });
  service.start();
  return service;
}
