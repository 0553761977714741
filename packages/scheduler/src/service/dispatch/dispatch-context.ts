import type { ObjectStore, Plan } from '@shardmill/core';
import type { ShardQueue } from '@shardmill/queue';
import type { JobRules } from '../../plan/job-rules.js';
import type { RegisteredRun } from '../../state/fold-run.js';
import type { FleetSnapshot } from '../view/fleet-snapshot.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '@shardmill/core';
import type { OptionalRedis } from '../runtime/optional-redis.js';
import type { SchedulerSettings } from '../runtime/scheduler-options.js';

/** What the dispatch of one round of a run is given. */
export interface DispatchContext {
  readonly run: RegisteredRun;
  /** For the prices of worker time. */
  readonly rules: JobRules;
  readonly plan: Plan;
  readonly store: ObjectStore;
  readonly queue: ShardQueue;
  readonly redis: OptionalRedis;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: SchedulerSettings;
  /** Who is there, as far as is known. */
  readonly fleet: () => FleetSnapshot;
  /** Shards that this run may have in the queue now. */
  readonly share: () => number;
  /** Called when there is something to do before the next interval. */
  readonly wake: () => void;
}
