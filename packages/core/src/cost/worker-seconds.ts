import type { ShardRecord } from '../plan/records/record-schema.js';

/** Time of workers, in seconds. */
export interface WorkTime {
  /** Of the attempts that finished their shards. */
  readonly workerSeconds: number;
  /** Of attempts that did not, as far as it was noted. */
  readonly unfinishedSeconds: number;
}

export const NO_WORK: WorkTime = { workerSeconds: 0, unfinishedSeconds: 0 };

export function addWork(a: WorkTime, b: WorkTime): WorkTime {
  return {
    workerSeconds: a.workerSeconds + b.workerSeconds,
    unfinishedSeconds: a.unfinishedSeconds + b.unfinishedSeconds,
  };
}

/** All that a shard took, by its record; nothing where an earlier version wrote it. */
export function workOf(record: Pick<ShardRecord, 'seconds'>): WorkTime {
  return {
    workerSeconds: workerSecondsOf(record) ?? 0,
    unfinishedSeconds: record.seconds['unfinished'] ?? 0,
  };
}

export function allSecondsOf({ workerSeconds, unfinishedSeconds }: WorkTime): number {
  return workerSeconds + unfinishedSeconds;
}

/** The share that a shard had of the time of its worker; undefined in records of earlier versions. */
export function workerSecondsOf({ seconds }: Pick<ShardRecord, 'seconds'>): number | undefined {
  return seconds['worker'];
}
