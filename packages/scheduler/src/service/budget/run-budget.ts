import { priceOf, ShardmillError } from '@shardmill/core';
import { checkLimits, withWhatIsKept } from '../../limits/check-limits.js';
import type { JobRules } from '../../plan/job-rules.js';
import type { RegisteredRun } from '../../state/fold-run.js';
import type { Clock } from '../runtime/clock.js';
import type { CostMeter } from './cost-meter.js';

/** Holds the limits of one round of a run that is dispatched. */
export class RunBudget {
  #measured = false;

  constructor(
    readonly run: RegisteredRun,
    readonly meter: CostMeter,
    readonly context: { readonly rules: JobRules; readonly clock: Clock },
  ) {}

  /** Whether it is known what was spent before this scheduler began: until then, nothing more is. */
  get isKnown(): boolean {
    return this.#measured || this.run.limits.maxCost === undefined;
  }

  /**
   * Reads what shards have cost, where that is limited.
   * @param done those that are done; `complete` where none is missing that was done before.
   * @returns whether there is anything new
   */
  async measure(done: Iterable<number>, complete: boolean): Promise<boolean> {
    const { meter, isKnown } = this;
    if (this.run.limits.maxCost === undefined || meter.reading) return false;
    const news = await meter.read(done);
    this.#measured ||= complete;
    return news || isKnown !== this.isKnown;
  }

  /** Why the run is to be stopped with shards left to be done; undefined while it may go on. */
  check(shardsDone: number): ShardmillError | undefined {
    const { run, meter, context } = this;
    const { pool } = run.request.job.resources;
    const error = checkLimits({
      limits: run.limits,
      since: Date.parse(run.runningSince ?? run.since),
      now: context.clock.now(),
      workerSeconds: meter.workerSeconds,
      pricePerHour: priceOf(context.rules.prices, pool),
    });
    if (error === undefined) return undefined;
    const { plan } = meter;
    const { code, message } = error;
    const inFleet = new ShardmillError(code, message, { remedy: remedyOf(error, run.request.run) });
    const kept = { done: shardsDone, of: plan.totals.shards, what: 'shards' } as const;
    return withWhatIsKept(inFleet, kept, plan);
  }
}

/** What to do about it in a fleet. */
function remedyOf({ code, remedy }: ShardmillError, run: string): string {
  const resume = `shardmill resume ${run}`;
  if (code === 'MAX_DURATION_REACHED') {
    return `Go on with \`${resume}\`, which has the whole time anew, or with --max-duration TIME.`;
  }
  if (code === 'MAX_COST_REACHED') {
    return `Go on with \`${resume} --max-cost N\`; what was spent before counts.`;
  }
  return remedy;
}
