import { backoffMs, type Logger, mapConcurrent, toShardmillError } from '@shardmill/core';
import { Alarm } from '../../service/runtime/alarm.js';
import { type Clock, waitAtMost } from '../../service/runtime/clock.js';
import { isOpen } from '../ticks/fold-tick.js';
import { type FollowerContext, ScheduleFollower, type WrittenEvent } from './schedule-follower.js';
import type { TickId } from '../store/schedule-layout.js';
import { headOf, NO_HISTORY, readHistory, type ScheduleHead } from '../ticks/schedule-state.js';
import type { ScheduleRegistry } from '../store/schedule-registry.js';
import { pageOf, type ScheduleSummary, type SummaryPages } from '../ticks/summary-pages.js';
import type { TickLog } from '../ticks/tick-log.js';
import type { TickRuns } from './tick-runs.js';

export interface ScheduleReconcilerOptions {
  readonly registry: ScheduleRegistry;
  readonly ticks: TickLog;
  readonly summaries: SummaryPages;
  readonly runs: TickRuns;
  /** Who decides, for the log. */
  readonly by: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: ScheduleSettings;
  /** Whether this process goes first; the others do the same a little later where it has not. */
  readonly leads: (subject: string) => boolean;
  /** Called with every event of a tick that this process wrote. */
  readonly onEvent?: ((written: WrittenEvent) => void) | undefined;
  /** See `FollowerContext`. */
  readonly noteLate?: FollowerContext['noteLate'];
}

export interface ScheduleSettings {
  /** How often what is stored is compared with what is known, at most. */
  readonly intervalMs: number;
  /** The same, at least, however long that takes. */
  readonly relistMs: number;
  /** How often the runs of ticks are looked at. */
  readonly pollMs: number;
  /** How often it is written down how schedules stand, where that has changed. */
  readonly summaryMs: number;
  /** How long a process that does not lead waits for the one that does. */
  readonly standbyMs: number;
}

export const SCHEDULE_SETTINGS: ScheduleSettings = {
  intervalMs: 5_000,
  relistMs: 60_000,
  pollMs: 5_000,
  summaryMs: 30_000,
  standbyMs: 1_000,
};

const AT_ONCE = 16;
/** Listings take this part of the time at most. */
const LISTING_SHARE = 1 / 20;
const BACKOFF = { firstMs: 1000, maxMs: 30_000, jitter: 'none' } as const;
/** A round that is under way at the end is waited for this long. */
const CLOSE_MS = 5_000;

/**
 * Starts what is due of all schedules. It may run in any number of processes and be killed at any
 * instant: what it knows can be had again from the store, and what it decides is decided there.
 */
export class ScheduleReconciler {
  readonly #options: ScheduleReconcilerOptions;
  readonly #context: FollowerContext;
  readonly #followers = new Map<string, ScheduleFollower>();
  /** Versions that there is nothing to do about: of schedules that were removed, or are unreadable. */
  readonly #idle = new Map<string, number>();
  /** Failures in a row, by schedule. */
  readonly #failures = new Map<string, number>();
  readonly #alarm: Alarm;
  #working: Promise<void> | undefined;
  #nextList = 0;
  #nextSummary: number;
  #listed = false;
  #problem: string | undefined;
  #closed = false;

  constructor(options: ScheduleReconcilerOptions) {
    const { registry, ticks, runs, by, clock, settings, onEvent, noteLate } = options;
    const now = (): number => clock.now();
    this.#options = options;
    const { pollMs } = settings;
    this.#context = { registry, log: ticks, runs, by, now, pollMs, onEvent, noteLate };
    this.#alarm = new Alarm(clock);
    this.#nextSummary = now() + settings.summaryMs;
  }

  /** All schedules that are followed. */
  get schedules(): Iterable<Pick<ScheduleFollower, 'head' | 'history'>> {
    return this.#followers.values();
  }

  /** What is in the way of it; undefined where nothing is. */
  get problem(): string | undefined {
    return this.#listed ? this.#problem : (this.#problem ?? 'the schedules were not read yet');
  }

  start(): void {
    this.#working = this.#work();
  }

  /** A schedule was changed by another process. */
  changed(): void {
    this.#nextList = 0;
    this.#alarm.ring();
  }

  /** A run of a schedule has ended. */
  runEnded(name: string): void {
    this.#followers.get(name)?.look();
    this.#alarm.ring();
  }

  /** What waits for a store that does not answer is not waited for: none of it has to end. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#alarm.ring();
    await waitAtMost(Promise.resolve(this.#working), CLOSE_MS, this.#options.clock);
  }

  async #work(): Promise<void> {
    while (!this.#closed) {
      const next = await this.reconcile();
      await this.#alarm.wait(Math.max(0, next - this.#options.clock.now()));
    }
  }

  /** One round. @returns when the next one is to be, in milliseconds since 1970 */
  async reconcile(): Promise<number> {
    const { clock, settings } = this.#options;
    if (clock.now() >= this.#nextList) await this.#list();
    const due = [...this.#followers.values()].filter(
      (follower) => this.#wakesAt(follower) <= clock.now(),
    );
    await mapConcurrent(due, AT_ONCE, (follower) => this.#step(follower));
    if (clock.now() >= this.#nextSummary) await this.#writeDown();
    let next = Math.min(this.#nextList, this.#nextSummary, clock.now() + settings.intervalMs);
    for (const follower of this.#followers.values()) {
      next = Math.min(next, this.#wakesAt(follower));
    }
    return next;
  }

  #wakesAt({ nextAt, head }: ScheduleFollower): number {
    if (nextAt === undefined) return Number.POSITIVE_INFINITY;
    // Without a look at who leads while there is nothing to do.
    if (nextAt > this.#options.clock.now()) return nextAt;
    return this.#options.leads(head.name) ? nextAt : nextAt + this.#options.settings.standbyMs;
  }

  async #step(follower: ScheduleFollower): Promise<void> {
    const { clock, log } = this.#options;
    const { name } = follower.head;
    if (this.#closed) return;
    try {
      await follower.step();
      this.#failures.delete(name);
      if (follower.head.removed && follower.history.open.length === 0) {
        this.#followers.delete(name);
        this.#idle.set(name, follower.head.version);
      }
    } catch (thrown) {
      const { code, message, where } = toShardmillError(thrown);
      const failures = (this.#failures.get(name) ?? 0) + 1;
      this.#failures.set(name, failures);
      follower.nextAt = clock.now() + backoffMs(BACKOFF, failures);
      if (failures === 1) log.warn({ schedule: name, code, where }, message);
    }
  }

  /** Takes up schedules that are new or changed, and ticks that other processes left. */
  async #list(): Promise<void> {
    const { clock, settings, log } = this.#options;
    const began = clock.now();
    try {
      await this.#compare();
      this.#listed = true;
      if (this.#problem !== undefined) log.info({}, 'the schedules can be read again');
      this.#problem = undefined;
    } catch (thrown) {
      const { code, message, where } = toShardmillError(thrown);
      if (this.#problem === undefined) log.warn({ code, where }, message);
      this.#problem = `${code}: ${message}`;
    }
    const took = clock.now() - began;
    const pause = Math.min(settings.relistMs, Math.max(settings.intervalMs, took / LISTING_SHARE));
    this.#nextList = clock.now() + pause;
  }

  async #compare(): Promise<void> {
    const { registry, ticks, summaries } = this.#options;
    const versions = await registry.versions();
    const open = await ticks.openBySchedule();
    const known = this.#listed ? undefined : await summaries.read();
    const behind = [...versions].filter(
      ([name, version]) =>
        (this.#followers.get(name)?.head.version ?? this.#idle.get(name) ?? -1) < version,
    );
    await mapConcurrent(behind, AT_ONCE, async ([name, version]) => {
      const head = await this.#headOf(name, version, known?.get(name));
      const follower = this.#followers.get(name);
      if (head === undefined || (head.removed && follower === undefined && !open.has(name))) {
        this.#idle.set(name, version);
      } else if (follower !== undefined) follower.adopt(head);
      else await this.#followAnew(head, open.get(name) ?? [], known?.get(name));
    });
    const marked = [...open].flatMap(([name, ids]) => ids.map((id) => ({ name, id })));
    await mapConcurrent(marked, AT_ONCE, ({ name, id }) => this.#adoptTick(name, id));
  }

  /** @returns undefined for one that this version cannot read */
  async #headOf(
    name: string,
    version: number,
    summary: ScheduleSummary | undefined,
  ): Promise<ScheduleHead | undefined> {
    const { registry, log } = this.#options;
    if (summary?.head.version === version) return summary.head;
    try {
      const found = await registry.version(name, version);
      return found && headOf(found);
    } catch (thrown) {
      const error = toShardmillError(thrown);
      if (error.code !== 'PLAN_MISMATCH') throw thrown;
      log.error({ schedule: name, code: error.code, where: error.where }, error.message);
      return undefined;
    }
  }

  async #followAnew(
    head: ScheduleHead,
    open: readonly TickId[],
    summary: ScheduleSummary | undefined,
  ): Promise<void> {
    const history =
      head.version === 0 && summary === undefined && open.length === 0 && this.#listed
        ? NO_HISTORY
        : (summary?.history ?? (await readHistory(this.#options.ticks, head.name, open)));
    this.#followers.set(head.name, new ScheduleFollower(this.#context, head, history));
  }

  /** Takes up a tick with a marker, and deletes a marker that outlived its tick. */
  async #adoptTick(name: string, id: TickId): Promise<void> {
    const follower = this.#followers.get(name);
    if (follower === undefined || follower.history.open.some((tick) => tick.id === id)) return;
    const tick = await this.#options.ticks.find(name, id);
    // A scheduler died between marker and decision, or is about to decide.
    if (tick === undefined) return;
    if (isOpen(tick)) follower.learn(tick);
    else await this.#options.ticks.clearMarker(tick);
  }

  /** Writes down how schedules stand, for listings and for schedulers that start later. */
  async #writeDown(): Promise<void> {
    const { clock, settings, summaries, leads, log } = this.#options;
    const now = clock.now();
    const pages = new Map<string, ScheduleFollower[]>();
    for (const follower of this.#followers.values()) {
      const page = pageOf(follower.head.name);
      const there = pages.get(page);
      if (there === undefined) pages.set(page, [follower]);
      else there.push(follower);
    }
    try {
      for (const [page, followers] of pages) {
        if (!followers.some(({ changed }) => changed) || !leads(`page ${page}`)) continue;
        const entries = followers.map(({ head, history }) => ({ head, history, at: now }));
        await summaries.write(page, entries, now);
        // What happened while it was written is written next time.
        for (const [index, follower] of followers.entries()) {
          const written = entries[index];
          follower.changed =
            follower.history !== written?.history || follower.head !== written.head;
        }
      }
    } catch (thrown) {
      const { code, message, where } = toShardmillError(thrown);
      log.warn({ code, where }, message);
    }
    this.#nextSummary = clock.now() + settings.summaryMs;
  }
}
