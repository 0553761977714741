import { allSecondsOf, costOf, type RunUsage, type WorkTime } from '@shardmill/core';

/** What is said of a run's worker time beside the time itself. */
export interface UsageFacts {
  /** The pool whose workers scored it; null for a run on one machine. */
  readonly pool: string | null;
  /** Undefined where the configuration has none. */
  readonly pricePerHour: number | undefined;
}

export function usageOf(work: WorkTime, { pool, pricePerHour }: UsageFacts): RunUsage {
  const { workerSeconds, unfinishedSeconds } = work;
  return {
    pool,
    workerSeconds,
    ...(unfinishedSeconds > 0 && { unfinishedSeconds }),
    ...(pricePerHour !== undefined && {
      pricePerWorkerHour: pricePerHour,
      cost: costOf(allSecondsOf(work), pricePerHour),
    }),
  };
}
