import type { JobNotify, LateTick } from '../../notify/happenings.js';
import type { Logger, ObjectStore } from '@shardmill/core';
import type { FleetEvents } from '@shardmill/queue';
import type { Registry } from 'prom-client';
import { FleetTickRuns } from './fleet-tick-runs.js';
import { ScheduleMetrics } from './schedule-metrics.js';
import {
  SCHEDULE_SETTINGS,
  ScheduleReconciler,
  type ScheduleSettings,
} from './schedule-reconciler.js';
import { ScheduleRegistry } from '../store/schedule-registry.js';
import { SummaryPages } from '../ticks/summary-pages.js';
import { TickLog } from '../ticks/tick-log.js';
import { type Clock, systemClock } from '../../service/runtime/clock.js';
import type { RegisteredRun } from '../../state/fold-run.js';
import { RunRegistry } from '../../state/run-registry.js';

/** What schedules need of it. */
interface RunService {
  readonly metrics: Registry;
  /** Whether this process goes first with something. */
  leads(subject: string): boolean;
  /** Called with every run that has ended. */
  onRunEnded: (run: RegisteredRun) => void;
  /** Notifies receivers that a tick is late. */
  noteLate(tick: LateTick, job: JobNotify): Promise<void>;
}

export interface FleetSchedulesOptions {
  /** The state location. */
  readonly store: ObjectStore;
  readonly events: FleetEvents;
  /** The process that plans and finishes the runs. */
  readonly service: RunService;
  /** Who decides, for the log. */
  readonly by: string;
  readonly log: Logger;
  readonly clock?: Clock | undefined;
  readonly settings?: Partial<ScheduleSettings> | undefined;
}

/** Starts the ticks of all schedules, as a part of a scheduler process. */
export class FleetSchedules {
  readonly #reconciler: ScheduleReconciler;
  readonly #stopListening: () => void;

  constructor(options: FleetSchedulesOptions) {
    const { store, events, service, by, log, clock = systemClock, settings } = options;
    const metrics = new ScheduleMetrics(
      service.metrics,
      () => this.#reconciler.schedules,
      () => clock.now(),
    );
    this.#reconciler = new ScheduleReconciler({
      registry: new ScheduleRegistry(store),
      ticks: new TickLog(store),
      summaries: new SummaryPages(store),
      runs: new FleetTickRuns({
        runs: new RunRegistry(store),
        announce: (run) => events.publish({ kind: 'run-changed', run }),
      }),
      by,
      clock,
      log,
      settings: { ...SCHEDULE_SETTINGS, ...settings },
      leads: (subject) => service.leads(subject),
      noteLate: (late, job) => service.noteLate(late, job),
      onEvent: (written) => metrics.written(written),
    });
    service.onRunEnded = ({ request: { tick } }) => {
      if (tick !== undefined) this.#reconciler.runEnded(tick.schedule);
    };
    this.#stopListening = events.subscribe((event) => {
      if (event.kind === 'schedule-changed') this.#reconciler.changed();
    });
  }

  /** What is in the way of it; undefined where nothing is. */
  get problem(): string | undefined {
    return this.#reconciler.problem;
  }

  start(): void {
    this.#reconciler.start();
  }

  async close(): Promise<void> {
    this.#stopListening();
    await this.#reconciler.close();
  }
}
