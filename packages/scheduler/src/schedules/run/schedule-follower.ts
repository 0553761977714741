import type { JobNotify, LateTick } from '../../notify/happenings.js';
import { type ErrorCode, type ShardmillError, toShardmillError } from '@shardmill/core';
import { decideDue, type DueDecision, isLate } from '../decide/decide-due.js';
import { decideOpen, decideRetry, lastError, type OpenAction } from '../decide/decide-open.js';
import { isOpen, type TickRecord } from '../ticks/fold-tick.js';
import { parseTickId, type TickId, tickId } from '../store/schedule-layout.js';
import type { ScheduleRegistry } from '../store/schedule-registry.js';
import { headOf, type ScheduleHead, type TickHistory, withTick } from '../ticks/schedule-state.js';
import type { StoredSchedule } from '../store/stored-schedule.js';
import type { TickEvent } from '../ticks/tick-event.js';
import type { TickLog } from '../ticks/tick-log.js';
import type { RunStanding, TickRuns } from './tick-runs.js';

/** What all schedules of a process share. */
export interface FollowerContext {
  readonly registry: ScheduleRegistry;
  readonly log: TickLog;
  readonly runs: TickRuns;
  /** Who decides, for the log. */
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How often the run of a tick is looked at. */
  readonly pollMs: number;
  /** Called before it is written down that a tick has passed its deadline. @throws STORE_… */
  readonly noteLate?: ((late: LateTick, job: JobNotify) => Promise<void>) | undefined;
  /** Called with every event that this process wrote. */
  readonly onEvent?: ((written: WrittenEvent) => void) | undefined;
}

export interface WrittenEvent {
  readonly head: ScheduleHead;
  /** The tick with the event. */
  readonly tick: TickRecord;
  readonly event: TickEvent;
}

/** A trigger that no scheduler saw for so long is not carried out any more. */
const TRIGGER_EXPIRES_MS = 86_400_000;

/**
 * One schedule in the hands of one process. Everything that it does is decided by a conditional
 * create in the state location: any number of processes may follow the same schedule.
 */
export class ScheduleFollower {
  /** When there is something to do again, in milliseconds since 1970; undefined for nothing. */
  nextAt: number | undefined = 0;
  /** Whether it has changed since it was written down. */
  changed = true;
  #head: ScheduleHead;
  #history: TickHistory;
  /** The run of each open tick is looked at again at that time. */
  readonly #polls = new Map<string, number>();
  readonly #cancelled = new Set<string>();

  constructor(
    readonly context: FollowerContext,
    head: ScheduleHead,
    history: TickHistory,
  ) {
    this.#head = head;
    this.#history = history;
  }

  get head(): ScheduleHead {
    return this.#head;
  }

  get history(): TickHistory {
    return this.#history;
  }

  /** Takes another version for what the schedule is now. */
  adopt(head: ScheduleHead): void {
    if (head.version <= this.#head.version) return;
    this.#head = head;
    this.changed = true;
    this.nextAt = 0;
  }

  /** Takes notice of a tick that another process decided about. */
  learn(tick: TickRecord): void {
    this.#take(tick);
    this.nextAt = 0;
  }

  /** Has the runs of its ticks looked at soon. */
  look(): void {
    if (this.#history.open.length === 0) return;
    this.#polls.clear();
    this.nextAt = 0;
  }

  /** Does what is due. @throws STORE_…, PLAN_MISMATCH: what was done stays done */
  async step(): Promise<void> {
    await this.#startTriggered();
    const until = await this.#decideDue();
    const openUntil = await this.#workOnOpen();
    const times = [until, openUntil, ...this.#polls.values()].filter((time) => time !== undefined);
    this.nextAt = times.length === 0 ? undefined : Math.min(...times);
  }

  async #startTriggered(): Promise<void> {
    const { now } = this.context;
    for (const trigger of this.#head.triggers) {
      if (trigger.number <= this.#history.triggered) continue;
      if (now() - Date.parse(trigger.at) > TRIGGER_EXPIRES_MS) continue;
      const id = tickId(Date.parse(trigger.tick), trigger.number);
      await this.#decide(id, this.#started(1, 0, false));
    }
  }

  /** Decides about ticks in their order, as far as they are due. @returns when the next one is */
  async #decideDue(): Promise<number | undefined> {
    const { now, registry } = this.context;
    for (;;) {
      const decision = decideDue(this.#head, this.#history, now());
      if (decision.kind === 'wait') return decision.until;
      const { name, version } = this.#head;
      const next = await registry.version(name, version + 1);
      if (next !== undefined) {
        this.adopt(headOf(next));
        continue;
      }
      await this.#decide(tickId(decision.tick), this.#eventOf(decision));
    }
  }

  async #decide(id: TickId, event: TickEvent): Promise<void> {
    const { tick, decided } = await this.context.log.decide(this.#head.name, id, event);
    this.#take(tick);
    if (decided) this.context.onEvent?.({ head: this.#head, tick, event });
  }

  #eventOf(decision: Exclude<DueDecision, { kind: 'wait' }>): TickEvent {
    const { by, now } = this.context;
    const { version } = this.#head;
    const at = new Date(now()).toISOString();
    switch (decision.kind) {
      case 'start':
        return this.#started(1, 0, decision.late);
      case 'queue': {
        const { overlap, late } = decision;
        return { kind: 'queued', at, by, version, overlap, late };
      }
      case 'skip': {
        const { reason, ticks = null } = decision;
        const through = new Date(decision.through).toISOString();
        return { kind: 'skipped', at, by, version, reason, through, ticks };
      }
      default: {
        const unknown: never = decision;
        return unknown;
      }
    }
  }

  #started(attempt: number, round: number, late: boolean, run?: string): TickEvent {
    const { by, runs, now } = this.context;
    const at = new Date(now());
    const { version } = this.#head;
    return {
      kind: 'started',
      at: at.toISOString(),
      by,
      version,
      run: run ?? runs.newRun(at),
      attempt,
      round,
      late,
      local: runs.local,
    };
  }

  /** @returns when time alone calls for something */
  async #workOnOpen(): Promise<number | undefined> {
    for (;;) {
      const { actions, until } = decideOpen(this.#head, this.#history, this.context.now());
      let changed = false;
      for (const action of actions) changed = (await this.#act(action)) || changed;
      for (const tick of this.#history.open) {
        if (tick.phase === 'running') changed = (await this.#follow(tick)) || changed;
      }
      if (!changed) return until;
    }
  }

  /** @returns whether anything is otherwise than before */
  async #act(action: OpenAction): Promise<boolean> {
    const { tick } = action;
    const { now, by } = this.context;
    const at = new Date(now()).toISOString();
    switch (action.kind) {
      case 'start': {
        const { attempt } = tick;
        const round = attempt === 0 ? 0 : tick.round + 1;
        // A fleet goes on with the run that failed.
        const run = this.context.runs.local === null ? (tick.run ?? undefined) : undefined;
        return this.#append(tick, this.#started(attempt + 1, round, isLate(tick), run));
      }
      case 'cancel':
        if (this.#cancelled.has(tick.id)) return false;
        await this.context.runs.cancel(tick);
        this.#cancelled.add(tick.id);
        return false;
      case 'skip': {
        const { version } = this.#head;
        const { reason } = action;
        return this.#append(tick, {
          kind: 'skipped',
          at,
          by,
          version,
          reason,
          through: at,
          ticks: 1,
        });
      }
      case 'end':
        return this.#append(tick, {
          kind: 'ended',
          at,
          outcome: 'failed',
          error: lastError(tick),
          rows: null,
        });
      case 'overdue': {
        const deadline = new Date(action.deadline).toISOString();
        await this.#noteLate(tick, deadline);
        return this.#append(tick, { kind: 'overdue', at, deadline });
      }
      default: {
        const unknown: never = action;
        return unknown;
      }
    }
  }

  async #noteLate(tick: TickRecord, deadline: string): Promise<void> {
    const { noteLate, registry } = this.context;
    const { name, version } = this.#head;
    const definition = noteLate && (await registry.version(name, version));
    if (noteLate === undefined || definition === undefined) return;
    const { job } = definition.work;
    const at = new Date(parseTickId(tick.id)?.tick ?? 0).toISOString();
    const { id, run } = tick;
    const late = { schedule: name, id, tick: at, deadline, job: job.name, run };
    await noteLate({ ...late, params: definition.work.params, output: null }, job);
  }

  /** Looks at the run of a tick, where it is time to. @returns whether the tick has changed */
  async #follow(tick: TickRecord): Promise<boolean> {
    const { runs, now, pollMs, registry } = this.context;
    if (now() < (this.#polls.get(tick.id) ?? 0)) return false;
    const version = tick.events.findLast((event) => event.kind === 'started')?.version ?? 0;
    const definition = async (): Promise<StoredSchedule> => {
      const found = await registry.version(this.#head.name, version);
      if (found === undefined) throw new TypeError(`version ${version} of a schedule is gone`);
      return found;
    };
    let standing: RunStanding;
    try {
      standing = await runs.follow(tick, definition);
    } catch (thrown) {
      const error = toShardmillError(thrown);
      if (!isFinal(error)) throw error;
      // There can be no such run: the next tick may have other dates.
      const { code, message, where, remedy } = error;
      const ofRun = { code, message, where, remedy };
      standing = { kind: 'ended', outcome: 'failed', error: ofRun, rows: null, round: tick.round };
    }
    if (standing.kind === 'abandoned') {
      const { attempt, round } = tick;
      return this.#append(tick, this.#started(attempt, round, isLate(tick)));
    }
    if (standing.kind === 'going-on') {
      this.#polls.set(tick.id, now() + pollMs);
      return false;
    }
    return this.#append(tick, this.#endOf(tick, standing));
  }

  #endOf(tick: TickRecord, standing: Extract<RunStanding, { kind: 'ended' }>): TickEvent {
    const { now } = this.context;
    const at = new Date(now()).toISOString();
    const { outcome, error, rows } = standing;
    const retry =
      outcome === 'failed' && error !== null ? decideRetry(this.#head, tick, now()) : undefined;
    if (retry === undefined || error === null) return { kind: 'ended', at, outcome, error, rows };
    const { round } = standing;
    return { kind: 'attempt-failed', at, round, error, retryAt: new Date(retry.at).toISOString() };
  }

  /** @returns true: the tick has this event, or another one that was first */
  async #append(tick: TickRecord, event: TickEvent): Promise<boolean> {
    const { log } = this.context;
    const appended = await log.append(tick, event);
    this.#take(appended ?? (await log.refresh(tick)));
    if (appended !== undefined) {
      this.context.onEvent?.({ head: this.#head, tick: appended, event });
    }
    return true;
  }

  #take(tick: TickRecord): void {
    this.#history = withTick(this.#history, tick);
    this.changed = true;
    this.#polls.delete(tick.id);
    if (!isOpen(tick)) {
      this.#cancelled.delete(tick.id);
      this.context.runs.forget(tick);
    }
  }
}

/** Whether no run can be made of a tick, today or later: the definition is at fault. */
function isFinal({ code }: ShardmillError): boolean {
  return FINAL.has(code);
}

const FINAL: ReadonlySet<ErrorCode> = new Set([
  'PARAMETER_UNKNOWN',
  'PARAMETER_MISSING',
  'PARAMETER_INVALID',
  'TEMPLATE_INVALID',
  'URI_UNSUPPORTED',
]);
