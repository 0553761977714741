import { priceOf, type ShardmillError } from '@shardmill/core';
import { checkLimits, withWhatIsKept } from '../../limits/check-limits.js';
import type { JobRules } from '../../plan/job-rules.js';
import type { RegisteredRun } from '../../state/fold-run.js';
import type { Clock } from '../runtime/clock.js';
import type { CostMeter } from './cost-meter.js';

/** Holds the limits of one round of a run that is dispatched. */
export class RunBudget {
  constructor(
    readonly run: RegisteredRun,
    readonly meter: CostMeter,
    readonly context: { readonly rules: JobRules; readonly clock: Clock },
  ) {}

  /** Reads what shards have cost, where that is limited. @returns whether there was anything new */
  async measure(done: Iterable<number>): Promise<boolean> {
    return this.run.limits.maxCost === undefined ? false : this.meter.read(done);
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
    return withWhatIsKept(
      error,
      { done: shardsDone, of: plan.totals.shards, what: 'shards' },
      plan,
    );
  }
}
