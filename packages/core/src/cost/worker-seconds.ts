import type { ShardRecord } from '../plan/records/record-schema.js';

/** The share that a shard had of the time of its worker; undefined in records of earlier versions. */
export function workerSecondsOf({ seconds }: Pick<ShardRecord, 'seconds'>): number | undefined {
  return seconds['worker'];
}
