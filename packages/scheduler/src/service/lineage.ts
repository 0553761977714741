import type { Logger, Manifest, ObjectStore, Plan } from '@shardmill/core';
import { toShardmillError } from '@shardmill/core';
import { lineageEvent } from '../lineage/lineage-event.js';
import type { LineageOptions } from '../lineage/lineage-options.js';
import { LineageOutbox } from '../lineage/lineage-outbox.js';
import { lineageRunId } from '../lineage/lineage-run-id.js';
import { type LineageMetrics, LineageSender } from '../lineage/lineage-sender.js';
import { parentRunOf } from '../lineage/parent-run.js';
import { momentsOf, type RunMoment } from '../lineage/run-moments.js';
import { findManifest } from '../output/read-location.js';
import { hasEnded, type RegisteredRun } from '../state/fold-run.js';
import type { RunRegistry } from '../state/run-registry.js';
import { Alarm } from './runtime/alarm.js';
import type { Clock } from './runtime/clock.js';

export interface LineageContext {
  readonly registry: RunRegistry;
  readonly lineage: LineageOptions;
  /** Of Shardmill. */
  readonly version: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: LineageMetrics;
  readonly leads: () => boolean;
  readonly standbyMs: number;
  readonly timeoutMs?: number | undefined;
}

/** The output location of a run and its plan, where they are known. */
export interface PlannedPlace {
  readonly store: ObjectStore;
  readonly plan: Plan;
}

/** While as many events wait for the endpoint, only ends are added. */
const MAX_PENDING = 10_000;

/** What a scheduler does about lineage: notes what happened to runs, and sends what was noted. */
export class Lineage {
  readonly alarm: Alarm;
  readonly #outbox: LineageOutbox;
  readonly #sender: LineageSender;

  constructor(readonly context: LineageContext) {
    const { registry, lineage, clock } = context;
    this.alarm = new Alarm(clock);
    this.#outbox = new LineageOutbox(registry.store);
    this.#sender = new LineageSender({ ...context, outbox: this.#outbox, target: lineage.target });
  }

  /**
   * Notes what happened to a run and is not noted yet. An event that says what was planned waits for the plan
   * unless the run has ended.
   * @param noted keys of the moments that this process has noted before; those of now are added.
   * @throws STORE_…
   */
  async note(run: RegisteredRun, noted: Set<string>, place?: PlannedPlace): Promise<void> {
    const { clock, log } = this.context;
    for (const moment of momentsOf(run, clock.now())) {
      if (noted.has(moment.key)) continue;
      const plan = place?.plan.runId === moment.planRun ? place?.plan : undefined;
      const awaited = moment.eventType === 'RUNNING' && moment.planRun === run.planRun;
      if (awaited && plan === undefined && !hasEnded(run)) return;
      const manifest = place && (await this.#manifestOf(moment, place));
      try {
        await this.#add(run, moment, plan, manifest);
      } catch (thrown) {
        const { code, message, where } = toShardmillError(thrown);
        if (code.startsWith('STORE_')) throw thrown;
        // A location that cannot be named; the run itself is refused for it.
        log.warn({ run: run.request.run, code, where }, `no event of lineage: ${message}`);
      }
      noted.add(moment.key);
    }
  }

  /** Reads the outbox once, and sends what is due. @throws STORE_… */
  deliver(): Promise<void> {
    return this.#sender.scan();
  }

  close(): void {
    this.alarm.ring();
    this.#sender.close();
  }

  async #add(
    { request }: RegisteredRun,
    moment: RunMoment,
    plan: Plan | undefined,
    manifest: Manifest | undefined,
  ): Promise<void> {
    const { lineage, version, metrics } = this.context;
    const { eventType, at, began, round, error } = moment;
    if (this.#sender.pending >= MAX_PENDING && (eventType === 'START' || eventType === 'RUNNING')) {
      metrics.lineage('dropped');
      return;
    }
    const event = () =>
      lineageEvent({
        eventType,
        at,
        namespace: lineage.namespace,
        version,
        lineageRun: lineageRunId(Date.parse(began), `${request.run}/${round}`),
        run: request.run,
        job: request.job,
        // Locations of a request are absolute.
        base: '/',
        params: request.params,
        tick: request.tick,
        parent: parentRunOf(request.parent),
        plan,
        manifest,
        error,
      });
    if (await this.#outbox.add(moment, event)) this.alarm.ring();
  }

  /** Of a run that finished; a store that does not answer leaves it out. */
  async #manifestOf(
    { eventType, planRun }: RunMoment,
    { store }: PlannedPlace,
  ): Promise<Manifest | undefined> {
    if (eventType !== 'COMPLETE' || planRun === null) return undefined;
    try {
      return await findManifest(store, planRun);
    } catch (thrown) {
      const { code, message, where } = toShardmillError(thrown);
      this.context.log.warn({ code, where }, `an event of lineage lacks the manifest: ${message}`);
      return undefined;
    }
  }
}
