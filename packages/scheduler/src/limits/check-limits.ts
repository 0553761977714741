import {
  costOf,
  formatCost,
  formatDuration,
  parseDurationMs,
  type Plan,
  type RunLimits,
  ShardmillError,
} from '@shardmill/core';

/** What is known of a run that has limits and whose shards are not all done. */
export interface LimitedRun {
  readonly limits: RunLimits;
  /** Since when its time counts; milliseconds since 1970, as is `now`. */
  readonly since: number;
  readonly now: number;
  /** Of all shard records together. */
  readonly workerSeconds: number;
  /** Undefined where the configuration has none for its pool. */
  readonly pricePerHour: number | undefined;
}

/** The error with which a run is stopped that has reached a limit; undefined for one that has not. */
export function checkLimits(run: LimitedRun): ShardmillError | undefined {
  const { limits, since, now } = run;
  if (timeLeftMs(limits, since, now) <= 0) {
    const message = `the run has taken ${formatDuration(now - since)}, limits.maxDuration is ${limits.maxDuration}`;
    return new ShardmillError('MAX_DURATION_REACHED', message);
  }
  return checkCost(run);
}

/** Time until `maxDuration` is reached, in milliseconds; Infinity without such a limit. */
export function timeLeftMs({ maxDuration }: RunLimits, since: number, now: number): number {
  if (maxDuration === undefined) return Number.POSITIVE_INFINITY;
  return since + parseDurationMs(maxDuration) - now;
}

function checkCost({
  limits,
  workerSeconds,
  pricePerHour,
}: LimitedRun): ShardmillError | undefined {
  const { maxCost } = limits;
  if (maxCost === undefined) return undefined;
  if (pricePerHour === undefined) {
    const message = `limits.maxCost is ${maxCost}, and price.workerHour has no price for the pool of the run`;
    return new ShardmillError('PRICE_MISSING', message);
  }
  const cost = costOf(workerSeconds, pricePerHour);
  if (cost < maxCost) return undefined;
  const time = formatDuration(workerSeconds * 1000);
  return new ShardmillError(
    'MAX_COST_REACHED',
    `the run has cost ${formatCost(cost)} (${time} of workers at ${pricePerHour} an hour), limits.maxCost is ${maxCost}`,
  );
}

/** The error of a stopped run, with what is kept. */
export function withWhatIsKept(
  error: ShardmillError,
  kept: { readonly done: number; readonly of: number; readonly what: 'parts' | 'shards' },
  { runId, scoring }: Pick<Plan, 'runId' | 'scoring'>,
): ShardmillError {
  const { code, message, where = scoring.output.uri, remedy } = error;
  const { done, of, what } = kept;
  const text = `${message}; ${done} of ${of} ${what} are done and kept (run ${runId})`;
  return new ShardmillError(code, text, { where, remedy });
}
