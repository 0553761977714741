import type { Stores } from '@shardmill/core';
import type { ShardQueue } from '@shardmill/queue';
import type { JobRules } from '../../plan/job-rules.js';
import type { RegisteredRun } from '../../state/fold-run.js';
import type { OutputTurns } from '../../state/output-turns.js';
import type { RunRegistry } from '../../state/run-registry.js';
import type { Clock } from '../runtime/clock.js';
import type { FleetPicture } from '../view/fleet-picture.js';
import type { Logger } from '@shardmill/core';
import type { PlanSlots } from './plan-slots.js';
import type { RedisLink } from '../runtime/redis-link.js';
import type { PlacedRun } from '../output-lock/run-turn.js';
import type { SchedulerMetrics } from '../runtime/scheduler-metrics.js';
import type {
  LookAtRunInput,
  MakeRunPlan,
  SchedulerSettings,
} from '../runtime/scheduler-options.js';

/** What all runs of a scheduler share. */
export interface RunContext {
  readonly registry: RunRegistry;
  readonly turns: OutputTurns;
  readonly stores: Pick<Stores, 'open' | 'regionOf' | 'requireConditionalWrites'>;
  readonly makePlan: MakeRunPlan;
  readonly rules: JobRules;
  readonly planSlots: PlanSlots;
  readonly lookAtInput: LookAtRunInput;
  /** For looks at the input of runs that wait for it. */
  readonly lookSlots: PlanSlots;
  readonly queue: (pool: string) => ShardQueue;
  readonly redis: RedisLink;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly settings: SchedulerSettings;
  readonly versions: Readonly<Record<string, string>>;
  readonly metrics: SchedulerMetrics;
  /** Who is there, as far as is known. */
  readonly fleet: () => FleetPicture;
  /** The other runs that have not ended. */
  readonly others: (run: string) => readonly PlacedRun[];
  /** Shards that a run may have in the queue of its pool now. */
  readonly shareOf: (run: string) => number;
  /** Puts what receivers are to be notified of into the outbox; again and again with one result. */
  readonly noteEnds: (run: RegisteredRun) => Promise<void>;
  /** Called when a run has ended: others may have waited for that. */
  readonly onEnd: () => void;
  /** Whether this scheduler goes first with what needs to be done once. */
  readonly leads: (run: string) => boolean;
}
