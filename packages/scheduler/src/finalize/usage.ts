import { costOf, type Manifest } from '@shardmill/core';

/** What the manifest says of a run's worker time beside the time itself. */
export interface UsageFacts {
  /** The pool whose workers scored it; null for a run on one machine. */
  readonly pool: string | null;
  /** Undefined where the configuration has none. */
  readonly pricePerHour: number | undefined;
}

/** @param workerSeconds of all shards; undefined where a record does not say: then nothing is claimed. */
export function usageOf(
  workerSeconds: number | undefined,
  { pool, pricePerHour }: UsageFacts,
): Pick<Manifest, 'usage'> {
  if (workerSeconds === undefined) return {};
  if (pricePerHour === undefined) return { usage: { pool, workerSeconds } };
  const cost = costOf(workerSeconds, pricePerHour);
  return { usage: { pool, workerSeconds, pricePerWorkerHour: pricePerHour, cost } };
}
