import { costOf } from '@shardmill/core';

/** A finished run of the same job and model on workers of the same kind. */
export interface PastRun {
  readonly run: string;
  /** The output location. */
  readonly output: string;
  readonly finishedAt: string;
  /** Rows that were worked on: those that statistics ruled out are not among them. */
  readonly rows: number;
  readonly workerSeconds: number;
}

/** `likely` is that of all past runs together, `low` and `high` are the extremes of single ones. */
export interface EstimatedRange {
  readonly low: number;
  readonly likely: number;
  readonly high: number;
}

/** What a run will take and cost, if it goes as earlier ones went. */
export interface RunEstimate {
  /** The runs from which it is made, the latest first. */
  readonly from: readonly PastRun[];
  /** Of one worker. */
  readonly rowsPerSecond: EstimatedRange;
  readonly workerSeconds: EstimatedRange;
  /** Workers that are there and of use; null where that is not known. */
  readonly workers: number | null;
  /** Time with so many workers, without planning; null without workers. */
  readonly seconds: EstimatedRange | null;
  /** Null where the configuration has none. */
  readonly pricePerWorkerHour: number | null;
  readonly cost: EstimatedRange | null;
}

export interface RunToEstimate {
  /** Rows and shards of the plan. */
  readonly rows: number;
  readonly shards: number;
  /** The latest first. */
  readonly pastRuns: readonly PastRun[];
  /** Undefined where it is not known how many there are. */
  readonly workers: number | undefined;
  readonly pricePerWorkerHour: number | undefined;
}

/** @returns null without a past run that says how fast a worker is: nothing is guessed. */
export function estimateRun(run: RunToEstimate): RunEstimate | null {
  const from = run.pastRuns.filter(({ rows, workerSeconds }) => rows > 0 && workerSeconds > 0);
  if (from.length === 0) return null;
  const rates = from.map(({ rows, workerSeconds }) => rows / workerSeconds);
  const sum = (of: (past: PastRun) => number): number =>
    from.reduce((total, past) => total + of(past), 0);
  const rowsPerSecond = {
    low: Math.min(...rates),
    likely: sum(({ rows }) => rows) / sum(({ workerSeconds }) => workerSeconds),
    high: Math.max(...rates),
  };
  const workerSeconds = {
    low: run.rows / rowsPerSecond.high,
    likely: run.rows / rowsPerSecond.likely,
    high: run.rows / rowsPerSecond.low,
  };
  // A worker without a shard does not help.
  const workers = run.workers === undefined ? null : Math.min(run.workers, Math.max(1, run.shards));
  const price = run.pricePerWorkerHour;
  return {
    from,
    rowsPerSecond,
    workerSeconds,
    workers,
    seconds:
      workers === null || workers === 0 ? null : mapRange(workerSeconds, (all) => all / workers),
    pricePerWorkerHour: price ?? null,
    cost: price === undefined ? null : mapRange(workerSeconds, (all) => costOf(all, price)),
  };
}

function mapRange(
  { low, likely, high }: EstimatedRange,
  by: (value: number) => number,
): EstimatedRange {
  return { low: by(low), likely: by(likely), high: by(high) };
}
