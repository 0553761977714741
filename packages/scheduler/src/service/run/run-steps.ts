import { isDeepStrictEqual } from 'node:util';
import { type Plan, type ShardmillError, toShardmillError } from '@shardmill/core';
import { runFailure } from '../../finalize/run-failure.js';
import { hasEnded, isEndEvent, type RegisteredRun } from '../../state/fold-run.js';
import { outputOf } from '../../state/output-of.js';
import type { RunEvent } from '../../state/run-event.js';
import { OutputLock } from '../output-lock/output-lock.js';
import { RunWaiting } from './run-waiting.js';
import type { PlanName } from './plan-run.js';
import type { RunContext } from './run-context.js';
import { RunDispatch } from '../dispatch/run-dispatch.js';
import { PlaceFinder } from './place-finder.js';
import { planGone, type RunPlace } from './run-place.js';
import { RunLineage } from './run-lineage.js';
import { RunPlanning } from './run-planning.js';
import { Standby } from '../runtime/standby.js';

/** How long a scheduler waits whether another one does what needs to be done once. */
const STANDBY_INTERVALS = 2;

/** Milliseconds until the next step, at the latest; `over` when nothing is left to be done. */
export type NextStep = number | 'over';

/**
 * What is done for one run, from its request to its end. Each step reads the log of the run and
 * does what is next; whatever is known besides can be had again from the stores. So any number of
 * schedulers may do this for one run, and each of them may stop anywhere.
 */
export class RunSteps {
  readonly output: string;
  readonly waiting: RunWaiting;
  readonly planning: RunPlanning;
  readonly outputLock: OutputLock;
  /** While the manifest is prepared or written. */
  finalizing = false;
  readonly #standby: Standby;
  #run: RegisteredRun;
  readonly #places: PlaceFinder;
  #dispatch: RunDispatch | undefined;
  #refreshAt = 0;
  #beginAt = 0;
  /** Events of the log of which receivers are notified. */
  #notified = 0;
  readonly #lineage: RunLineage;

  constructor(
    run: RegisteredRun,
    readonly context: RunContext,
    readonly wake: () => void,
  ) {
    this.#run = run;
    this.output = outputOf(run.request);
    this.outputLock = new OutputLock(this.output, context);
    this.#standby = new Standby(context.clock);
    this.#lineage = new RunLineage(context);
    this.#places = new PlaceFinder(context, this.output, (event) => this.#append(event));
    const wanted = async (round: number): Promise<boolean> => {
      await this.#refresh();
      return this.#run.phase === 'submitted' && this.#run.round === round;
    };
    const intend = (round: number, name: PlanName): Promise<boolean> => this.#intend(round, name);
    this.waiting = new RunWaiting(context, wake);
    this.planning = new RunPlanning({ ...context, wanted, intend, wake });
  }

  get run(): RegisteredRun {
    return this.#run;
  }
  get plan(): Plan | undefined {
    return this.#places.place?.plan;
  }
  get dispatch(): RunDispatch | undefined {
    return this.#dispatch;
  }

  /** Makes the next step read the log first. */
  stale(): void {
    this.#refreshAt = 0;
  }

  close(): void {
    this.waiting.stop(this.#run.request.run);
    this.#stopPlanning();
    this.#dispatch?.close();
  }

  /** @throws ShardmillError; the step can be done again. */
  async step(): Promise<NextStep> {
    if (this.context.clock.now() >= this.#refreshAt) await this.#refresh();
    this.#lineage.follow(this.#run, this.#places.place);
    switch (this.#run.phase) {
      case 'waiting':
        return this.#wait();
      case 'submitted':
        return this.#plan();
      case 'running':
        return this.#work();
      case 'finalizing':
        return this.#finalize();
      case 'cancelling':
        return this.#cancel();
      case 'finished':
        return this.#settle();
      case 'failed':
      case 'cancelled':
      case 'skipped':
        return this.#abandoned();
      default: {
        const unknown: never = this.#run.phase;
        return unknown;
      }
    }
  }

  /**
   * Ends the run with an error. Its shards leave the queue first, so that no worker begins one more.
   * @returns false where it is in a phase in which it cannot fail.
   */
  async fail(error: ShardmillError, shardsFailed: number): Promise<boolean> {
    const { phase } = this.#run;
    if (phase === 'cancelling' || hasEnded(this.#run)) return false;
    await this.#dispatch?.sweep();
    await this.#append({ kind: 'failed', at: this.#now(), error: error.toRecord(), shardsFailed });
    return true;
  }

  async #wait(): Promise<NextStep> {
    const { leads, redis } = this.context;
    // Without Redis it is not known who else is there.
    const checks = leads(this.#run.request.run) || redis.away !== undefined;
    const step = this.waiting.step(this.#run, checks);
    if (step.kind === 'later') return step.delayMs;
    await this.#append(step.event);
    return 0;
  }

  async #plan(): Promise<NextStep> {
    const { intervalMs } = this.context.settings;
    const result = this.planning.take(this.#run.round);
    if (result?.kind === 'planned') {
      await this.#append({ ...result, at: this.#now() });
      return 0;
    }
    const isNext = result === undefined && (await this.outputLock.acquire(this.#run));
    if (isNext && this.#goesAhead('plan')) this.planning.begin(this.#run);
    return intervalMs;
  }

  async #work(): Promise<NextStep> {
    const { clock, settings } = this.context;
    if (!(await this.outputLock.acquire(this.#run))) return settings.intervalMs;
    const place = await this.#places.find(this.#run);
    if (place === undefined) {
      if (this.#run.round === 0) throw planGone(this.#run.planRun, this.output);
      // A later run took its place before this round began.
      await this.#append({ kind: 'unplanned', at: this.#now() });
      return 0;
    }
    if (clock.now() >= this.#beginAt) {
      await place.begin(this.#run);
      this.#beginAt = clock.now() + settings.relistMs;
    }
    const dispatch = this.#openDispatch(place);
    const decision = await dispatch.step();
    if (decision !== 'finalize') this.#standby.reset();
    switch (decision) {
      case 'go-on':
        return settings.intervalMs;
      case 'check-store':
        await dispatch.checkStore();
        return 0;
      case 'finalize':
        return this.#goesAhead('finalize') ? this.#finalize() : settings.intervalMs;
      case 'fail':
        await this.#failShards(place, dispatch);
        return 0;
      default: {
        const unknown: never = decision;
        return unknown;
      }
    }
  }

  /**
   * Writes the manifest after the log has said so. A process that cancels the run writes the same
   * number of the log: one of the two succeeds, and the other finds out before it does anything.
   */
  async #finalize(): Promise<NextStep> {
    const place = await this.#places.open(this.#run);
    this.finalizing = true;
    try {
      const manifest = await place.prepare(this.#run);
      if (this.#run.phase === 'running') {
        await this.#append({ kind: 'finalizing', at: this.#now() });
      }
      if (this.#run.phase === 'finalizing') {
        await this.#append(await place.commit(this.#run, manifest));
      }
      return 0;
    } catch (thrown) {
      const error = toShardmillError(thrown);
      if (error.code !== 'SHARDS_FAILED' || this.#run.phase !== 'running') throw error;
      // A record that was there is gone: its shard is worked once more.
      this.context.log.warn({ run: this.#run.request.run }, error.message);
      await this.#dispatch?.checkStore();
      return this.context.settings.intervalMs;
    } finally {
      this.finalizing = false;
    }
  }

  async #failShards({ plan }: RunPlace, dispatch: RunDispatch): Promise<void> {
    const failures = await dispatch.failures();
    const { open, failed } = dispatch.ledger;
    const error = runFailure(failures, {
      shards: plan.totals.shards,
      failed,
      output: this.output,
      others: open > 0 ? 'given up' : 'done',
    });
    await this.fail(error, failed);
  }

  #stopPlanning(): void {
    this.planning.stop(this.#run.request.run);
  }

  async #cancel(): Promise<NextStep> {
    const place = await this.#places.findToLeave(this.#run);
    if (place !== undefined) {
      const dispatch = this.#openDispatch(place);
      await dispatch.checkStore();
      await dispatch.sweep();
    }
    await this.#append({ kind: 'cancelled', at: this.#now() });
    return 0;
  }

  /** A finished run is watched for a while: see `restoreSuccess`. */
  async #settle(): Promise<NextStep> {
    const { clock, settings } = this.context;
    this.#dispatch?.close();
    await this.#notify();
    const place = await this.#places.findToLeave(this.#run);
    await this.#lineage.noteEnd(this.#run, place);
    await place?.restore();
    const left = Date.parse(this.#run.endedAt ?? '') + settings.settleMs - clock.now();
    if (place !== undefined && place.plan.mode !== 'create' && left > 0) {
      return Math.min(left, settings.relistMs);
    }
    return this.#clearMarkers();
  }

  /** What is left of a round that ended before its time leaves the queue. */
  async #abandoned(): Promise<NextStep> {
    await this.#notify();
    const place = await this.#places.findToLeave(this.#run);
    await this.#lineage.noteEnd(this.#run, place);
    if (place !== undefined) {
      const known = this.#dispatch !== undefined;
      const dispatch = this.#openDispatch(place);
      if (!known) await dispatch.checkStore();
      if (!(await dispatch.sweep())) return this.context.settings.intervalMs;
    }
    return this.#clearMarkers();
  }

  /** While the run still has its marker, so that another scheduler does it if this one dies. */
  async #notify(): Promise<void> {
    const { length } = this.#run.events;
    if (this.#notified === length) return;
    await this.context.noteEnds(this.#run);
    this.#notified = length;
  }

  async #clearMarkers(): Promise<NextStep> {
    const { round, request } = this.#run;
    for (let past = 0; past <= round; past++) {
      await this.context.registry.clearMarker(request.run, past);
    }
    return 'over';
  }

  async #append(event: RunEvent): Promise<void> {
    const { registry, log, metrics } = this.context;
    if (await registry.append(this.#run, event)) {
      log.info({ run: this.#run.request.run, ...event }, `the run is ${event.kind}`);
      const { kind } = event;
      if (isEndEvent(kind)) metrics.ended(kind);
    }
    await this.#refresh();
  }

  async #refresh(): Promise<void> {
    const { registry, clock, settings, onEnd } = this.context;
    const before = this.#run;
    const now = await registry.refresh(before);
    // Planning reads the log, too: the later read counts.
    if (now.events.length < this.#run.events.length) return;
    this.#run = now;
    if (now.phase !== 'waiting') this.waiting.stop(now.request.run);
    if (now.phase !== 'submitted') this.#stopPlanning();
    this.#refreshAt = clock.now() + settings.intervalMs;
    if (now.events.length === before.events.length) return;
    this.#standby.reset();
    if (now.round !== before.round) {
      this.#places.forget();
      this.#dispatch?.close();
      this.#dispatch = undefined;
      this.#beginAt = 0;
    }
    if (hasEnded(now)) onEnd();
  }

  /** Whether to do now what one scheduler should do: the others wait whether it comes to pass. */
  #goesAhead(what: string): boolean {
    const { leads, settings } = this.context;
    const patience = STANDBY_INTERVALS * settings.intervalMs;
    return leads(this.#run.request.run) || this.#standby.hasWaited(what, patience);
  }

  /** Notes which plan is about to be stored. @returns false where the log has moved on. */
  async #intend(round: number, name: PlanName): Promise<boolean> {
    const isOpen = (): boolean => this.#run.phase === 'submitted' && this.#run.round === round;
    const isNoted = (): boolean => isOpen() && isDeepStrictEqual(this.#run.intended, name);
    if (isOpen() && !isNoted()) {
      await this.#append({ kind: 'planning', at: this.#now(), ...name });
    }
    return isNoted();
  }

  #openDispatch({ store, plan }: RunPlace): RunDispatch {
    const { queue, shareOf } = this.context;
    const { request } = this.#run;
    this.#dispatch ??= new RunDispatch({
      ...this.context,
      run: this.#run,
      plan,
      store,
      queue: queue(request.job.resources.pool),
      share: () => shareOf(request.run),
      wake: this.wake,
    });
    return this.#dispatch;
  }

  #now(): string {
    return new Date(this.context.clock.now()).toISOString();
  }
}
