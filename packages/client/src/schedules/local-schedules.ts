import type { Logger, Stores } from '@shardmill/core';
import { ScheduleRegistry, SummaryPages, TickLog } from '@shardmill/scheduler';
import { SCHEDULE_SETTINGS, ScheduleReconciler, systemClock } from '@shardmill/scheduler/schedules';
import type { LocalRun } from '../local-run/run-types.js';
import { LocalTickRuns } from './local-tick-runs.js';

export interface LocalSchedulesOptions {
  readonly stores: Pick<Stores, 'open'>;
  /** The state location. */
  readonly state: string;
  readonly localRun: LocalRun;
  /** `<host>-<pid>-<random>`: another one after each start. */
  readonly id: string;
  readonly log: Logger;
  /** How often changed schedules are looked for. */
  readonly intervalMs: number;
}

/** Starts the ticks of all schedules, and runs them in this process: no Redis, and no fleet. */
export class LocalSchedules {
  readonly #reconciler: ScheduleReconciler;
  readonly #runs: LocalTickRuns;
  readonly #stop = new AbortController();

  constructor({ stores, state, localRun, id, log, intervalMs }: LocalSchedulesOptions) {
    const store = stores.open(state);
    this.#runs = new LocalTickRuns({
      id,
      localRun,
      log,
      signal: this.#stop.signal,
      onEnded: (schedule) => this.#reconciler.runEnded(schedule),
    });
    this.#reconciler = new ScheduleReconciler({
      registry: new ScheduleRegistry(store),
      ticks: new TickLog(store),
      summaries: new SummaryPages(store),
      runs: this.#runs,
      by: id,
      clock: systemClock,
      log,
      settings: { ...SCHEDULE_SETTINGS, intervalMs, summaryMs: intervalMs },
      leads: () => true,
      onEvent: ({ tick, event }) => {
        if (event.kind !== 'skipped' && event.kind !== 'overdue') return;
        const { schedule, id: tickId } = tick;
        const reason = event.kind === 'skipped' ? event.reason : 'overdue';
        log.warn({ schedule, tick: tickId, reason }, `the tick is ${event.kind}`);
      },
    });
  }

  start(): void {
    this.#reconciler.start();
  }

  /** Stops the run that goes on: the next process goes on with it. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#runs.close();
    await this.#reconciler.close();
  }
}
