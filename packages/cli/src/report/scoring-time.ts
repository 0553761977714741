import type { RunReport } from '@shardmill/client/report';

/** From the first part that began to the last that ended; undefined where that is not stored. */
export function scoringMs({ throughput }: Pick<RunReport, 'throughput'>): number | undefined {
  if (throughput === null) return undefined;
  return Date.parse(throughput.to) - Date.parse(throughput.from);
}
