import type { ObjectStore, Plan } from '@shardmill/core';
import type { ShardQueue } from '@shardmill/queue';
import type { RegisteredRun } from '../../state/fold-run.js';
import type { FleetPicture } from '../view/fleet-picture.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '@shardmill/core';
import type { RedisLink } from '../runtime/redis-link.js';
import type { SchedulerSettings } from '../runtime/scheduler-options.js';

/** What the dispatch of one round of a run is given. */
export interface DispatchContext {
  readonly run: RegisteredRun;
  readonly plan: Plan;
  readonly store: ObjectStore;
  readonly queue: ShardQueue;
  readonly redis: RedisLink;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: SchedulerSettings;
  /** Who is there, as far as is known. */
  readonly fleet: () => FleetPicture;
  /** Shards that this run may have in the queue now. */
  readonly share: () => number;
  /** Called when there is something to do before the next interval. */
  readonly wake: () => void;
}
