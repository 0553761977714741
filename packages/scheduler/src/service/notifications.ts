import type { Logger } from '@shardmill/core';
import { type Happening } from '../notify/notification.js';
import { happeningsOf } from '../notify/happenings.js';
import { NotificationSender, type SenderMetrics } from '../notify/notification-sender.js';
import { NotificationOutbox } from '../notify/outbox.js';
import type { NotifySettings } from '../notify/receiver.js';
import type { RegisteredRun } from '../state/fold-run.js';
import type { RunRegistry } from '../state/run-registry.js';
import type { JobNotify } from '../notify/happenings.js';
import { Alarm } from './runtime/alarm.js';
import type { Clock } from './runtime/clock.js';
import type { SchedulerNotify } from './runtime/scheduler-options.js';

export interface NotificationsContext {
  readonly registry: RunRegistry;
  readonly notify: SchedulerNotify;
  readonly allow: NotifySettings['allow'];
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: SenderMetrics;
  readonly leads: (name: string) => boolean;
  readonly standbyMs: number;
}

/** What a scheduler does about notifications: notes what happened, and delivers what was noted. */
export class Notifications {
  readonly alarm: Alarm;
  readonly #outbox: NotificationOutbox;
  readonly #sender: NotificationSender;

  constructor(readonly context: NotificationsContext) {
    const { registry, notify, allow, clock } = context;
    const { receivers, env, timeoutMs } = notify;
    this.alarm = new Alarm(clock);
    this.#outbox = new NotificationOutbox(registry.store);
    // Jobs come from everybody who may submit them.
    const settings = { receivers, env, allow, guarded: true };
    this.#sender = new NotificationSender({
      ...context,
      outbox: this.#outbox,
      settings,
      timeoutMs,
    });
  }

  /** Notes the ends of a run. @throws STORE_… */
  async noteEnds(run: RegisteredRun): Promise<void> {
    for (const happening of happeningsOf(run, this.context.clock.now())) {
      await this.note(happening, run.request.job);
    }
  }

  /** Notes what happened, such as that a tick is late (`lateHappening`). @throws STORE_… */
  async note(happening: Happening, job: JobNotify): Promise<void> {
    const receivers = { job: job.notify ?? [], configuration: this.context.notify.receivers };
    if ((await this.#outbox.add(happening, receivers)) > 0) this.alarm.ring();
  }

  /** Looks into the outbox once. @throws STORE_… */
  deliver(): Promise<void> {
    return this.#sender.scan();
  }

  async close(): Promise<void> {
    this.alarm.ring();
    await this.#sender.close();
  }
}
