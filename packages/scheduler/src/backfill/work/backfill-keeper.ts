import { toShardmillError } from '@shardmill/core';
import { Alarm } from '../../service/runtime/alarm.js';
import type { Clock } from '../../service/runtime/clock.js';
import type { SchedulerServiceOptions } from '../../service/runtime/scheduler-options.js';
import { BackfillRegistry } from '../log/backfill-registry.js';
import { type BackfillContext, BackfillSteps } from './backfill-steps.js';

/** All backfills that have not ended, as a scheduler looks after them. */
export class BackfillKeeper {
  /** Rings where there is something to do before the usual time. */
  readonly alarm: Alarm;
  readonly #context: BackfillContext;
  readonly #log: SchedulerServiceOptions['log'];
  readonly #steps = new Map<string, BackfillSteps>();

  constructor(
    { registry, events, log }: Pick<SchedulerServiceOptions, 'registry' | 'events' | 'log'>,
    clock: Clock,
  ) {
    this.alarm = new Alarm(clock);
    this.#log = log;
    this.#context = {
      backfills: new BackfillRegistry(registry.store),
      runs: registry,
      now: () => new Date(clock.now()),
      announce: (run) => events.publish({ kind: 'run-changed', run }),
    };
  }

  /** One step of each; of one that fails it is logged, and the others go on. @throws STORE_… */
  async work(): Promise<void> {
    const markers = await this.#context.backfills.active();
    const ids = [...new Set(markers.map(({ id }) => id))];
    for (const id of ids) {
      try {
        if (await this.#workOn(id)) this.alarm.ring();
      } catch (thrown) {
        const { code, message, where } = toShardmillError(thrown);
        this.#log.error({ backfill: id, code, where }, message);
      }
    }
    for (const id of this.#steps.keys()) if (!ids.includes(id)) this.#steps.delete(id);
  }

  /** @returns whether it has dates that can be begun at once. */
  async #workOn(id: string): Promise<boolean> {
    const steps = this.#steps.get(id) ?? (await this.#open(id));
    if (steps === undefined) return false;
    this.#steps.set(id, steps);
    if ((await steps.step()) === 'goes-on') return steps.hasOpenDates;
    this.#steps.delete(id);
    return false;
  }

  async #open(id: string): Promise<BackfillSteps | undefined> {
    const found = await this.#context.backfills.find(id);
    // A marker without a log: its submission is about to be stored, or died before that.
    return found === undefined ? undefined : new BackfillSteps(found, this.#context);
  }
}
