import { type ErrorRecord, priceOf, toShardmillError, unreachable } from '@shardmill/core';
import type { FleetEvent, RunView } from '@shardmill/queue';
import { hasEnded, type RegisteredRun } from '../../state/fold-run.js';
import { Alarm } from '../runtime/alarm.js';
import { errorDelayMs, decideError } from './decide-error.js';
import { inFlightOf, makeView } from '../view/make-view.js';
import { inputWaitOf } from '../../wait/input-wait.js';
import type { RunContext } from './run-context.js';
import { type NextStep, RunSteps } from './run-steps.js';

type Unfinished = Extract<FleetEvent, { kind: 'shard-retried' | 'shard-failed' }>;

/** One run that a scheduler takes care of: takes its steps, and reports its state. */
export class RunController {
  readonly #alarm: Alarm;
  readonly #steps: RunSteps;
  #retries: number;
  #memory: RunView['memory'];
  #failures = 0;
  #trouble: ErrorRecord | undefined;
  #closed = false;

  /** @param seen an earlier view of the run, whose counts go on. */
  constructor(
    run: RegisteredRun,
    seen: Pick<RunView, 'retries' | 'memory'> | undefined,
    readonly context: RunContext,
  ) {
    this.#retries = seen?.retries ?? 0;
    this.#memory = seen?.memory ?? null;
    this.#alarm = new Alarm(context.clock);
    this.#steps = new RunSteps(run, context, () => this.#alarm.ring());
  }

  get run(): RegisteredRun {
    return this.#steps.run;
  }
  get output(): string {
    return this.#steps.output;
  }
  /** Shards that are neither done nor failed, as far as is known. */
  get open(): number {
    if (this.run.phase !== 'running') return 0;
    return this.#steps.dispatch?.ledger.open ?? this.#steps.plan?.totals.shards ?? 0;
  }

  /** Takes steps until the run is over, or until it is closed. @throws nothing */
  async work(): Promise<void> {
    while (!this.#closed) {
      const next = await this.#attempt();
      if (next === 'over') return;
      await this.#alarm.wait(next);
    }
  }

  /** Takes the next step at once. */
  wake(): void {
    this.#alarm.ring();
  }

  /** Reads the log of the run at once. */
  checkLog(): void {
    this.#steps.stale();
    this.#alarm.ring();
  }

  hear(event: Exclude<FleetEvent, { kind: 'run-changed' | 'schedule-changed' }>): void {
    const { metrics } = this.context;
    switch (event.kind) {
      case 'shard-done':
        this.#steps.dispatch?.hearDone(event.shard, event.rows, event.work);
        return;
      case 'shard-failed':
        metrics.shardFailed();
        this.#hearUnfinished(event);
        this.#steps.dispatch?.hearFailed(event.shard);
        return;
      case 'shard-retried':
        metrics.retried(event.code);
        this.#hearUnfinished(event);
        this.#retries++;
        return;
      case 'calls-shrunk': {
        const { rows, unit, lanes } = event;
        this.#memory = { times: (this.#memory?.times ?? 0) + 1, rows, unit, lanes };
        return;
      }
      default:
        unreachable(event, 'event');
    }
  }

  #hearUnfinished({ shard, unfinishedSeconds }: Unfinished): void {
    if (unfinishedSeconds === undefined) return;
    this.#steps.dispatch?.ledger.hearUnfinished(shard, unfinishedSeconds);
  }

  view(): RunView {
    const { clock, fleet, rules } = this.context;
    const { run, output, dispatch, waiting, planning, finalizing, plan } = this.#steps;
    const isDone = (shard: number): boolean => dispatch?.ledger.isDone(shard) === true;
    return makeView({
      run,
      output,
      totals: plan?.totals ?? null,
      shards: dispatch?.ledger.counts ?? null,
      activity: planning.underWay ? 'planning' : finalizing ? 'finalizing' : null,
      inFlight: inFlightOf(run.request.run, fleet().workers, isDone),
      retries: this.#retries,
      pricePerHour: priceOf(rules.prices, run.request.job.resources.pool),
      memory: this.#memory,
      notice: this.#notice(),
      inputWait: inputWaitOf({ ...run, job: run.request.job }, waiting.last),
      now: clock.now(),
    });
  }

  close(): void {
    this.#closed = true;
    this.#steps.close();
    this.#alarm.ring();
  }

  async #attempt(): Promise<NextStep> {
    try {
      const next = await this.#steps.step();
      this.#failures = 0;
      this.#trouble = undefined;
      return next;
    } catch (thrown) {
      return this.#recover(thrown);
    }
  }

  /** After an error in this work: try again later, or the end of the run. */
  async #recover(thrown: unknown): Promise<NextStep> {
    const { log, random, metrics } = this.context;
    const error = toShardmillError(thrown);
    this.#failures++;
    this.#trouble = error.toRecord();
    this.#steps.stale();
    const { code, where, message } = error;
    // Collected as garbage: nothing is left of it.
    if (code === 'RUN_NOT_FOUND') return 'over';
    if (code === 'LOCATION_FORBIDDEN') metrics.locationRefused();
    log.warn({ run: this.run.request.run, code, where, failures: this.#failures }, message);
    const verdict = decideError(code, this.#failures, random());
    if (verdict.kind === 'again') return verdict.delayMs;
    try {
      const failed = this.#steps.dispatch?.ledger.failed ?? 0;
      if (await this.#steps.fail(error, failed)) return 0;
    } catch (second) {
      log.warn({ run: this.run.request.run }, toShardmillError(second).message);
    }
    return errorDelayMs(this.#failures, random());
  }

  /** Why nothing happens, or less than might. */
  #notice(): string | null {
    const { redis, fleet } = this.context;
    const { run, outputLock } = this.#steps;
    const { waitsFor } = outputLock;
    if (hasEnded(run)) return null;
    if (waitsFor !== undefined)
      return `waits for run ${waitsFor}, which writes to the same location`;
    if (this.#trouble !== undefined) {
      return `trying again: ${this.#trouble.code} ${this.#trouble.message}`;
    }
    if (redis.away !== undefined) return redis.away;
    const { pool } = run.request.job.resources;
    const idle = run.phase === 'running' && this.open > 0 && fleet().concurrencyOf(pool) === 0;
    return idle ? `no worker of pool "${pool}" takes shards` : null;
  }
}
