import type { RowCounts, WorkTime } from '@shardmill/core';
import { roundName } from '@shardmill/queue';
import type { FailedShard } from '../../finalize/run-failure.js';
import { CostMeter } from '../budget/cost-meter.js';
import { RunBudget } from '../budget/run-budget.js';
import { decideEnd, type EndDecision } from './decide-end.js';
import type { DispatchContext } from './dispatch-context.js';
import { judgeWindow, roomInWindow } from './judge-window.js';
import { listFailures, listRecords } from './list-shards.js';
import { RefusalWatch } from './refusal-watch.js';
import { ShardLedger } from './shard-ledger.js';
import { ShardMessages } from './shard-messages.js';
import { ShardOutcomes } from './shard-outcomes.js';
import { ShardSet } from './shard-set.js';

/** Shards of a run that ends before its time which are taken out of the queue, from the first open one. */
const SWEPT_SHARDS = 10_000;
const REMOVED_AT_ONCE = 1000;
const COUNTED_AT_ONCE = 64;
/** A listing that took long is repeated after as many times as long. */
const LISTING_SHARE = 20;
const WAKE_AFTER_LISTED = 1000;

/**
 * One round of a run that a scheduler dispatches: compares the plan with what is in the store and
 * in the queue, and puts the difference into the queue. What it knows is rebuilt from the store.
 */
export class RunDispatch {
  readonly ledger: ShardLedger;
  readonly #messages: ShardMessages;
  readonly #outcomes: ShardOutcomes;
  readonly #refusals: RefusalWatch;
  readonly #budget: RunBudget;
  readonly #toLookUp = new Set<number>();
  #verifyAt = 0;
  #listAt = 0;
  #listing: Promise<void> | undefined;
  #counting: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #failuresRead = false;
  #closed = false;

  constructor(readonly context: DispatchContext) {
    const { plan, store, run } = context;
    this.ledger = new ShardLedger(plan.totals.shards);
    this.#messages = new ShardMessages(context);
    const round = roundName({ planRun: plan.runId, round: this.round });
    this.#refusals = new RefusalWatch(round, run.request.job.resources.pool);
    this.#outcomes = new ShardOutcomes(store, plan, this.round, this.ledger);
    const meter = new CostMeter(store, plan, new ShardSet(plan.totals.shards));
    this.#budget = new RunBudget(run, meter, context);
  }

  get round(): number {
    return this.#messages.round;
  }

  hearDone(shard: number, rows: RowCounts, work?: WorkTime): void {
    if (this.ledger.hearDone(shard, rows, work)) this.context.wake();
  }

  hearFailed(shard: number): void {
    this.#toLookUp.add(shard);
    this.context.wake();
  }

  /**
   * Does what is due, and says what the round has come to.
   * @throws PLAN_MISMATCH, STORE_…; LOCATION_FORBIDDEN, MESSAGE_REFUSED where all workers refuse it;
   * MAX_DURATION_REACHED, MAX_COST_REACHED, PRICE_MISSING
   */
  async step(): Promise<EndDecision> {
    const { clock, settings, run, fleet } = this.context;
    this.#throwFailure();
    if (clock.now() >= this.#listAt) void this.#list();
    const reported = [...this.#toLookUp];
    this.#toLookUp.clear();
    await this.#outcomes.lookUp(reported);
    if (clock.now() >= this.#verifyAt) {
      await this.#verify();
      this.#verifyAt = clock.now() + settings.intervalMs;
    }
    const over = this.#budget.check(this.ledger.done);
    if (this.#budget.isKnown && over === undefined) await this.#refill();
    void this.#count();
    void this.#measure();
    this.#throwFailure();
    if (!this.ledger.listedOnce) return 'go-on';
    const { open, failed, heard } = this.ledger;
    const failFast = run.request.failFast || this.#outcomes.hopeless;
    const decision = decideEnd({ failFast, open, failed, heard });
    const workers = fleet().workersOf(this.#refusals.pool);
    const end = this.#refusals.check(workers) ?? over;
    if (decision === 'go-on' && end !== undefined) throw end;
    return decision;
  }

  /** Lists anew what is in the store. @throws PLAN_MISMATCH, STORE_… */
  async checkStore(): Promise<void> {
    await this.#listing;
    await this.#list();
    this.#throwFailure();
  }

  /**
   * Takes the shards of a round that is over, or is to end, out of the queue.
   * @returns false where Redis does not answer.
   */
  async sweep(): Promise<boolean> {
    const { queue, redis } = this.context;
    const shards = new Set([...this.ledger.window, ...this.ledger.firstOpen(SWEPT_SHARDS)]);
    const ids = this.#messages.idsOf(shards);
    for (let from = 0; from < ids.length; from += REMOVED_AT_ONCE) {
      const some = ids.slice(from, from + REMOVED_AT_ONCE);
      if ((await redis.call(() => queue.remove(some))) === undefined) return false;
    }
    return true;
  }

  /** Why shards failed: of the first few, in their order. */
  failures(): Promise<FailedShard[]> {
    return this.#outcomes.failures();
  }

  close(): void {
    this.#closed = true;
  }

  /** Compares the window with the queue, and what is not there with the store. */
  async #verify(): Promise<void> {
    const { queue, redis } = this.context;
    const shards = [...this.ledger.window];
    if (shards.length === 0) return;
    const ids = this.#messages.idsOf(shards);
    const answer = await redis.call(() => queue.states(ids));
    if (answer === undefined) {
      await this.#outcomes.lookUp(shards);
      return;
    }
    const { delayed, absent, stalled } = judgeWindow(shards, answer.value);
    this.ledger.delayed = new Set(delayed);
    for (const shard of stalled) {
      await this.#outcomes.giveUp(shard);
      await redis.call(() => queue.remove(this.#messages.idsOf([shard])));
    }
    await this.#enqueue(await this.#outcomes.lookUp(absent));
  }

  async #refill(): Promise<void> {
    const { window, delayed } = this.ledger;
    const waiting = [...delayed].filter((shard) => window.has(shard)).length;
    const room = roomInWindow(this.context.share(), window.size, waiting);
    await this.#enqueue(this.ledger.takeOpen(room));
  }

  /** Puts shards of the window into the queue; what does not get there is found absent later. */
  async #enqueue(shards: readonly number[]): Promise<void> {
    if (shards.length === 0) return;
    const { queue, redis, run } = this.context;
    const messages = await this.#messages.of(shards);
    await redis.call(() => queue.add(messages, run.request.priority));
  }

  /** Lists failures and records, in the background. */
  #list(): Promise<void> {
    this.#listing ??= this.#listAll()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#listing = undefined;
        this.context.wake();
      });
    return this.#listing;
  }

  async #listAll(): Promise<void> {
    const { store, plan, clock, settings, log, wake } = this.context;
    const began = clock.now();
    this.#listAt = Infinity;
    this.ledger.beginListing();
    for await (const shard of listFailures(store, plan.runId, this.round)) {
      this.ledger.seeFailed(shard);
    }
    let listed = 0;
    for await (const shard of listRecords(store, plan.runId)) {
      if (this.#closed) return;
      this.ledger.seeListed(shard);
      if (++listed % WAKE_AFTER_LISTED === 0) wake();
    }
    const wrong = this.ledger.endListing();
    if (wrong > 0) log.warn({ wrong }, 'shards that were taken for done have no record');
    if (!this.#failuresRead) {
      await this.#outcomes.readFailedTimes();
      this.#failuresRead = true;
    }
    const took = clock.now() - began;
    this.#listAt = clock.now() + Math.max(settings.relistMs, LISTING_SHARE * took);
  }

  /** Reads the rows of shards that were done before, in the background: only the view needs them. */
  #count(): Promise<void> {
    this.#counting ??= this.#countAll()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#counting = undefined;
      });
    return this.#counting;
  }

  async #countAll(): Promise<void> {
    while (!this.#closed && this.ledger.uncounted > 0) {
      if (await this.#outcomes.countAll(this.ledger.someUncounted(COUNTED_AT_ONCE))) continue;
      // A record that was listed is gone.
      this.#listAt = 0;
      return;
    }
  }

  /** Reads what the shards that are done have cost, in the background. */
  async #measure(): Promise<void> {
    try {
      const { listedOnce } = this.ledger;
      if (await this.#budget.measure(this.ledger.doneShards(), listedOnce)) this.context.wake();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** An error of what runs in the background ends the next step. */
  #fail(error: unknown): void {
    this.#failure = { error };
    this.#listAt = 0;
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
  }
}
