import { type JobNotify, type LateTick, lateHappening } from '../notify/happenings.js';
import type { RegisteredRun } from '../state/fold-run.js';
import { Lineage, type PlannedPlace } from './lineage.js';
import { Notifications } from './notifications.js';
import type { Alarm } from './runtime/alarm.js';
import type { Clock } from './runtime/clock.js';
import type { SchedulerMetrics } from './runtime/scheduler-metrics.js';
import type { SchedulerServiceOptions } from './runtime/scheduler-options.js';

/** A scheduler that does not lead something to be sent waits so long whether another one sends it. */
const STANDBY_INTERVALS = 12;
/** Longer for lineage: what two processes send at once has no order. */
const LINEAGE_STANDBY_INTERVALS = 120;
/** One process sends all events of lineage, so that they keep their order. */
const LINEAGE = 'lineage';

export interface AnnouncementsContext {
  readonly options: Pick<
    SchedulerServiceOptions,
    'registry' | 'log' | 'notify' | 'rules' | 'lineage' | 'versions'
  >;
  readonly clock: Clock;
  readonly random: () => number;
  readonly metrics: SchedulerMetrics;
  readonly leads: (subject: string) => boolean;
  readonly intervalMs: number;
}

/** Work that is done again and again, and at once when its alarm rings. */
export interface RepeatedWork {
  readonly alarm: Alarm;
  readonly work: () => Promise<void>;
}

/** What a scheduler says of runs to the outside: notifications, and events of lineage. */
export class Announcements {
  readonly #notifications: Notifications | undefined;
  readonly #lineage: Lineage | undefined;

  constructor({ options, intervalMs, ...context }: AnnouncementsContext) {
    const { registry, log, notify, lineage, rules = {}, versions } = options;
    const shared = { ...context, registry, log, standbyMs: STANDBY_INTERVALS * intervalMs };
    this.#notifications = notify && new Notifications({ ...shared, notify, allow: rules.allow });
    this.#lineage =
      lineage &&
      new Lineage({
        ...shared,
        lineage,
        version: versions['shardmill'] ?? 'unknown',
        leads: () => context.leads(LINEAGE),
        standbyMs: LINEAGE_STANDBY_INTERVALS * intervalMs,
      });
  }

  /** What is to be sent is sent by these. */
  get repeated(): RepeatedWork[] {
    return [this.#notifications, this.#lineage].flatMap((sends) =>
      sends === undefined ? [] : [{ alarm: sends.alarm, work: () => sends.deliver() }],
    );
  }

  /** Notes the ends of a run for its receivers. @throws STORE_… */
  async noteEnds(run: RegisteredRun): Promise<void> {
    await this.#notifications?.noteEnds(run);
  }

  /** Notes that a tick is late. @throws STORE_… */
  async noteLate(tick: LateTick, job: JobNotify): Promise<void> {
    await this.#notifications?.note(lateHappening(tick), job);
  }

  /** Notes what happened to a run for lineage; see `Lineage.note`. @throws STORE_… */
  async noteLineage(run: RegisteredRun, noted: Set<string>, place?: PlannedPlace): Promise<void> {
    await this.#lineage?.note(run, noted, place);
  }

  get hasLineage(): boolean {
    return this.#lineage !== undefined;
  }

  async close(): Promise<void> {
    this.#lineage?.close();
    await this.#notifications?.close();
  }
}
