import type { Stores } from '@shardmill/core';
import type { ShardQueue } from '@shardmill/queue';
import type { JobRules } from '../../plan/job-rules.js';
import type { RunHistory } from '../../quality/history/run-history.js';
import type { RegisteredRun } from '../../state/fold-run.js';
import type { OutputLocks } from '../../state/output-locks.js';
import type { RunRegistry } from '../../state/run-registry.js';
import type { PlannedPlace } from '../lineage.js';
import type { Clock } from '../runtime/clock.js';
import type { FleetSnapshot } from '../view/fleet-snapshot.js';
import type { Logger } from '@shardmill/core';
import type { PlanSlots } from './plan-slots.js';
import type { OptionalRedis } from '../runtime/optional-redis.js';
import type { PlacedRun } from '../output-lock/run-order.js';
import type { SchedulerMetrics } from '../runtime/scheduler-metrics.js';
import type {
  CheckRunInput,
  MakeRunPlan,
  SchedulerServiceOptions,
  SchedulerSettings,
} from '../runtime/scheduler-options.js';

/** What all runs of a scheduler share. */
export interface RunContext {
  readonly registry: RunRegistry;
  readonly outputLocks: OutputLocks;
  readonly stores: Pick<Stores, 'open' | 'regionOf' | 'requireConditionalWrites'>;
  readonly makePlan: MakeRunPlan;
  readonly rules: JobRules;
  readonly planSlots: PlanSlots;
  readonly checkInput: CheckRunInput;
  /** Slots for checks of the input of runs that wait for it. */
  readonly checkSlots: PlanSlots;
  readonly queue: (pool: string) => ShardQueue;
  readonly redis: OptionalRedis;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly settings: SchedulerSettings;
  readonly versions: Readonly<Record<string, string>>;
  readonly readCheckpoint?: SchedulerServiceOptions['readCheckpoint'];
  readonly writeCheckpoint?: SchedulerServiceOptions['writeCheckpoint'];
  readonly queryProfile?: SchedulerServiceOptions['queryProfile'];
  /** The finished runs of each job. */
  readonly history: RunHistory;
  readonly metrics: SchedulerMetrics;
  /** Who is there, as far as is known. */
  readonly fleet: () => FleetSnapshot;
  /** The other runs that have not ended. */
  readonly others: (run: string) => readonly PlacedRun[];
  /** Shards that a run may have in the queue of its pool now. */
  readonly shareOf: (run: string) => number;
  /** Puts what receivers are to be notified of into the outbox; again and again with one result. */
  readonly noteEnds: (run: RegisteredRun) => Promise<void>;
  /**
   * Notes what happened to a run for lineage; undefined where no events are sent.
   * @param noted keys of what was noted before; see `Lineage.note`.
   */
  readonly noteLineage?:
    | ((run: RegisteredRun, noted: Set<string>, place?: PlannedPlace) => Promise<void>)
    | undefined;
  /** Called when a run has ended: others may have waited for that. */
  readonly onEnd: () => void;
  /** Whether this scheduler goes first with what needs to be done once. */
  readonly leads: (run: string) => boolean;
}
