import { RunRegistry, type RunRequest } from '@shardmill/scheduler';
import { STATE } from './sim-scheduler.js';
import type { SimRedis } from './sim-redis.js';
import { type ObjectSpace, SimStore } from './sim-store.js';
import type { SimProcess, World } from './world.js';

/** Commands of users, each a process of its own that may die half-way. */
export class SimClient {
  readonly registry: RunRegistry;

  constructor(
    readonly process: SimProcess,
    readonly world: World,
    space: ObjectSpace,
    readonly redis: SimRedis,
  ) {
    this.registry = new RunRegistry(new SimStore(space, process, STATE));
  }

  async submit(request: RunRequest): Promise<void> {
    const { run } = await this.registry.submit(request);
    this.#announce(run);
  }

  async cancel(run: string): Promise<void> {
    await this.registry.cancel(run, 'user', new Date(this.world.now));
    this.#announce(run);
  }

  async resume(run: string): Promise<void> {
    const options = {
      by: 'user',
      now: new Date(this.world.now),
      of: 'failed-or-cancelled',
    } as const;
    await this.registry.reopen(run, options);
    this.#announce(run);
  }

  #announce(run: string): void {
    this.redis.events(this.process).publish({ kind: 'run-changed', run });
  }
}
