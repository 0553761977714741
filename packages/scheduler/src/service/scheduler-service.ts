import { mapConcurrent, ShardmillError, toShardmillError } from '@shardmill/core';
import type { FleetEvent, ShardQueue } from '@shardmill/queue';
import { Registry } from 'prom-client';
import { BackfillKeeper } from '../backfill/work/backfill-keeper.js';
import type { JobNotify, LateTick } from '../notify/happenings.js';
import { hasEnded, type RegisteredRun } from '../state/fold-run.js';
import { OutputLocks } from '../state/output-locks.js';
import { RunHistory } from '../quality/history/run-history.js';
import { Announcements } from './announcements.js';
import { Alarm } from './runtime/alarm.js';
import { BackgroundWork } from './runtime/background-work.js';
import { type Clock, systemClock, waitAtMost } from './runtime/clock.js';
import { FleetSnapshot } from './view/fleet-snapshot.js';
import { PlanSlots } from './run/plan-slots.js';
import { OptionalRedis } from './runtime/optional-redis.js';
import type { RunContext } from './run/run-context.js';
import { RunController } from './run/run-controller.js';
import { leaderOf } from './run/run-leader.js';
import type { PlacedRun } from './output-lock/run-order.js';
import { SchedulerMetrics } from './runtime/scheduler-metrics.js';
import type {
  Readiness,
  SchedulerServiceOptions,
  SchedulerSettings,
} from './runtime/scheduler-options.js';
import { completeSettings } from './runtime/settings.js';
import { shareWindow } from './dispatch/share-window.js';
import { ViewPublisher } from './view/view-publisher.js';

const LOGS_AT_ONCE = 16;
/** Steps that are under way at the end are waited for this long; none of them has to end. */
const CLOSE_MS = 5_000;

/**
 * The work of a scheduler process: plans runs, keeps their shards in the queue, finalizes them.
 * What it knows can be had again from the stores at any time, so that several may run, and each may
 * be killed at any instant.
 */
export class SchedulerService {
  /** For Prometheus. */
  readonly metrics: Registry;
  /** Called with every run that has ended. */
  onRunEnded: (run: RegisteredRun) => void = () => {};
  readonly #options: SchedulerServiceOptions;
  readonly #settings: SchedulerSettings;
  readonly #clock: Clock;
  readonly #context: RunContext;
  readonly #metrics: SchedulerMetrics;
  readonly #publisher: ViewPublisher;
  readonly #redis: OptionalRedis;
  readonly #queues = new Map<string, ShardQueue>();
  readonly #runs = new Map<string, RunController>();
  /** Runs with a marker and nothing to do, and the time in ms at which to check them again. */
  readonly #checkAgainAt = new Map<string, number>();
  readonly #background = new BackgroundWork((error) =>
    this.#options.log.error({}, toShardmillError(error).message),
  );
  readonly #announcements: Announcements;
  readonly #scanAlarm: Alarm;
  readonly #viewAlarm: Alarm;
  readonly #backfills: BackfillKeeper;
  #fleet = new FleetSnapshot([]);
  #stopListening = (): void => {};
  #startedAt = '';
  #scannedAt: number | undefined;
  #problem: string | undefined;
  #closed = false;

  /** @throws CONFIG_INVALID */
  constructor(options: SchedulerServiceOptions) {
    this.#options = options;
    this.#settings = completeSettings(options.settings);
    this.#clock = options.clock ?? systemClock;
    this.metrics = options.metrics ?? new Registry();
    this.#metrics = new SchedulerMetrics(this.metrics);
    this.#publisher = new ViewPublisher(options.views);
    this.#redis = new OptionalRedis(options.log, this.#clock, this.#settings.intervalMs);
    this.#scanAlarm = new Alarm(this.#clock);
    this.#viewAlarm = new Alarm(this.#clock);
    const { registry, stores, log, versions, makePlan, checkInput, rules = {} } = options;
    const { random = Math.random } = options;
    const announcements = new Announcements({
      options,
      clock: this.#clock,
      random,
      metrics: this.#metrics,
      leads: (subject) => this.leads(subject),
      intervalMs: this.#settings.intervalMs,
    });
    this.#announcements = announcements;
    this.#backfills = new BackfillKeeper(options, this.#clock);
    const wakeAll = (): void => {
      for (const run of this.#runs.values()) run.wake();
    };
    this.#context = {
      registry,
      outputLocks: new OutputLocks(registry),
      stores,
      log,
      versions,
      readCheckpoint: options.readCheckpoint,
      queryProfile: options.queryProfile,
      writeCheckpoint: options.writeCheckpoint,
      history: new RunHistory(registry.store),
      makePlan,
      rules,
      checkInput,
      // A run that gets no slot asks again soon by itself.
      checkSlots: new PlanSlots(
        this.#settings.checksAtOnce,
        () => this.#clock.now(),
        () => {},
      ),
      planSlots: new PlanSlots(this.#settings.plansAtOnce, () => this.#clock.now(), wakeAll),
      queue: (pool) => this.#queueOf(pool),
      redis: this.#redis,
      clock: this.#clock,
      random,
      settings: this.#settings,
      metrics: this.#metrics,
      fleet: () => this.#fleet,
      others: (run) => this.#othersThan(run),
      noteEnds: (run) => announcements.noteEnds(run),
      noteLineage: announcements.hasLineage
        ? (...facts) => announcements.noteLineage(...facts)
        : undefined,
      onEnd: () => {
        wakeAll();
        this.#backfills.alarm.ring();
      },
      shareOf: (run) => this.#shareOf(run),
      leads: (run) => this.leads(run),
    };
  }

  /** Takes up all runs that have not ended, and those to come. */
  start(): void {
    this.#startedAt = new Date(this.#clock.now()).toISOString();
    this.#stopListening = this.#options.events.subscribe((event) => this.#hear(event));
    this.#background.keep(
      this.#repeat(this.#scanAlarm, this.#settings.intervalMs, () => this.#scan()),
    );
    for (const { alarm, work } of this.#announcements.repeated) {
      this.#background.keep(this.#repeat(alarm, this.#settings.intervalMs, work));
    }
    this.#background.keep(this.#repeat(this.#viewAlarm, this.#settings.viewMs, () => this.#show()));
    const backfills = this.#backfills;
    this.#background.keep(
      this.#repeat(backfills.alarm, this.#settings.intervalMs, () => backfills.work()),
    );
  }

  /**
   * Notifies the receivers of a job, and those of the configuration that want it, that a tick is
   * late. Every scheduler that notices it makes the same notification: call it before it is noted
   * anywhere else that the tick is late, so that another scheduler does it if this one dies.
   * @throws STORE_…
   */
  async noteLate(tick: LateTick, job: JobNotify): Promise<void> {
    await this.#announcements.noteLate(tick, job);
  }

  /** Whether this scheduler takes care of all runs that the state location has. */
  ready(): Readiness {
    const problems: string[] = [];
    if (this.#scannedAt === undefined) problems.push('the log of runs was not read yet');
    if (this.#problem !== undefined) problems.push(this.#problem);
    if (this.#redis.away !== undefined) problems.push(this.#redis.away);
    // Without Redis a scheduler goes on; without the log of runs it can do nothing.
    return { ready: this.#scannedAt !== undefined && this.#problem === undefined, problems };
  }

  /** Releases everything; what is in the queue stays there for other schedulers and workers. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopListening();
    for (const run of this.#runs.values()) run.close();
    this.#background.keep(this.#announcements.close());
    this.#scanAlarm.ring();
    this.#viewAlarm.ring();
    this.#backfills.alarm.ring();
    await waitAtMost(this.#background.done(), CLOSE_MS, this.#clock);
    await this.#redis.call(() => this.#options.presence.leave(this.#options.identity.id));
  }

  async #repeat(alarm: Alarm, everyMs: number, work: () => Promise<void>): Promise<void> {
    while (!this.#closed) {
      try {
        await work();
      } catch (thrown) {
        const { code, message } = toShardmillError(thrown);
        this.#options.log.error({ code }, message);
      }
      if (!this.#closed) await alarm.wait(everyMs);
    }
  }

  /** Takes up runs that have a marker. */
  async #scan(): Promise<void> {
    const { registry, log } = this.#options;
    try {
      const found = new Map<string, number>();
      for await (const { run, round } of registry.markers()) {
        found.set(run, Math.max(round, found.get(run) ?? 0));
        const known = this.#runs.get(run)?.run;
        if (known !== undefined && round < known.round) await registry.clearMarker(run, round);
      }
      const now = this.#clock.now();
      const unknown = [...found.keys()].filter(
        (run) => !this.#runs.has(run) && now >= (this.#checkAgainAt.get(run) ?? 0),
      );
      const runs = await mapConcurrent(unknown, LOGS_AT_ONCE, (run) => this.#find(run));
      if (this.#closed) return;
      // All together, so that each of them knows of all the others.
      const controllers: RunController[] = [];
      for (const [index, run] of runs.entries()) {
        const [id, marked] = [unknown[index] ?? '', found.get(unknown[index] ?? '') ?? 0];
        if (run !== undefined && (!hasEnded(run) || marked <= run.round)) {
          controllers.push(await this.#control(run));
        } else {
          // A process died between marker and event, or is about to write the event.
          this.#checkAgainAt.set(id, now + this.#settings.relistMs);
        }
      }
      // It may have been closed meanwhile, and would not close these.
      if (this.#closed) return;
      for (const controller of controllers) this.#work(controller);
      if (this.#problem !== undefined) log.info({}, 'the log of runs can be read again');
      this.#problem = undefined;
      this.#scannedAt = now;
    } catch (thrown) {
      const { code, message, where } = toShardmillError(thrown);
      if (this.#problem === undefined) log.warn({ code, where }, message);
      this.#problem = `${code}: ${message}`;
    }
  }

  /** @returns undefined where there is none, or none that this version can read. */
  async #find(run: string): Promise<RegisteredRun | undefined> {
    try {
      return await this.#options.registry.find(run);
    } catch (error) {
      if (!(error instanceof ShardmillError) || error.code !== 'PLAN_MISMATCH') throw error;
      this.#options.log.error({ run, code: error.code, where: error.where }, error.message);
      return undefined;
    }
  }

  async #control(run: RegisteredRun): Promise<RunController> {
    const { views } = this.#options;
    const seen = await this.#redis.call(() => views.get(run.request.run));
    const controller = new RunController(run, seen?.value, this.#context);
    this.#runs.set(run.request.run, controller);
    return controller;
  }

  #work(controller: RunController): void {
    const { run } = controller.run.request;
    const work = controller.work().then(async () => {
      await this.#publisher.publish(controller.view());
      this.#publisher.forget(run);
      this.#runs.delete(run);
      this.onRunEnded(controller.run);
    });
    this.#background.keep(work);
  }

  #hear(event: FleetEvent): void {
    if (event.kind === 'schedule-changed') return;
    const controller = this.#runs.get(event.run);
    if (event.kind !== 'run-changed') {
      controller?.hear(event);
      return;
    }
    controller?.checkLog();
    if (controller === undefined) {
      this.#checkAgainAt.delete(event.run);
      this.#scanAlarm.ring();
    }
  }

  /** Says who is here, looks who else is, and publishes how the runs stand. */
  async #show(): Promise<void> {
    const { presence, identity } = this.#options;
    const now = this.#clock.now();
    await presence.announce({
      ...identity,
      kind: 'scheduler',
      startedAt: this.#startedAt,
      seenAt: now,
      runs: this.#runs.size,
    });
    const processes = await this.#redis.call(() => presence.list());
    if (processes !== undefined) this.#fleet = new FleetSnapshot(processes.value);
    const backlog = new Map([...this.#queues.keys()].map((pool) => [pool, 0]));
    const views = [...this.#runs.values()].map((controller) => controller.view());
    for (const controller of this.#runs.values()) {
      const { pool } = controller.run.request.job.resources;
      backlog.set(pool, (backlog.get(pool) ?? 0) + controller.open);
    }
    this.#metrics.backlog(backlog);
    this.#metrics.runs(views.map(({ state }) => state));
    for (const view of views) await this.#publisher.publish(view);
    for (const [pool, queue] of this.#queues) {
      const counts = await this.#redis.call(() => queue.counts());
      if (counts !== undefined) this.#metrics.queued(pool, counts.value);
    }
  }

  #queueOf(pool: string): ShardQueue {
    let queue = this.#queues.get(pool);
    if (queue === undefined) {
      queue = this.#options.queue(pool);
      this.#queues.set(pool, queue);
    }
    return queue;
  }

  #othersThan(run: string): PlacedRun[] {
    return [...this.#runs.values()].filter(
      ({ run: other }) =>
        other.request.run !== run && !hasEnded(other) && other.phase !== 'waiting',
    );
  }

  #shareOf(run: string): number {
    const pool = this.#runs.get(run)?.run.request.job.resources.pool ?? '';
    const { smallestWindow, windowPerWorker } = this.#settings;
    const size = Math.max(smallestWindow, windowPerWorker * this.#fleet.concurrencyOf(pool));
    const demands = [...this.#runs.values()]
      .filter((other) => other.run.request.job.resources.pool === pool && other.open > 0)
      .map((other) => ({
        run: other.run.request.run,
        priority: other.run.request.priority,
        open: other.open,
      }));
    return shareWindow(size, demands).get(run) ?? 0;
  }

  /** Whether this process goes first with something that needs to be done once. */
  leads(subject: string): boolean {
    const { id } = this.#options.identity;
    const ids = this.#fleet.schedulers.map((scheduler) => scheduler.id);
    return leaderOf(subject, [...new Set([...ids, id])]) === id;
  }
}
