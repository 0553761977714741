/** The live processes: each announces itself every second, and is forgotten when it stops to. */
export interface Presence {
  /** Announces this process; a failure is swallowed. */
  announce(process: FleetProcess): Promise<void>;
  /** Removes this process at once, so that its absence need not be noticed by a timeout. */
  leave(id: string): Promise<void>;
  /** @throws REDIS_UNREACHABLE */
  list(): Promise<FleetProcess[]>;
  close(): Promise<void>;
}

export type FleetProcess = WorkerInfo | SchedulerInfo;

interface ProcessInfo {
  /** `<host>-<pid>-<random>`: another one after each start. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly startedAt: string;
  /** When it was last heard of; milliseconds since 1970. */
  readonly seenAt: number;
}

export interface SchedulerInfo extends ProcessInfo {
  readonly kind: 'scheduler';
  readonly runs: number;
}

export interface WorkerInfo extends ProcessInfo {
  readonly kind: 'worker';
  readonly pool: string;
  readonly state: 'taking' | 'draining';
  /** Shards that it can have in flight. */
  readonly concurrency: number;
  readonly residentBytes: number;
  readonly rowsPerSecond: number;
  readonly shardsDone: number;
  readonly providers: readonly string[];
  readonly tasks: readonly WorkerTask[];
  /** Rounds of runs of which it refused the last shard that it was given, the latest first. */
  readonly refusals: readonly RoundRefusal[];
}

/** A round of a run whose shards a worker does not take. */
export interface RoundRefusal {
  /** As `roundName` has it. */
  readonly round: string;
  /** Shards that it refused in a row. */
  readonly shards: number;
  /** `LOCATION_FORBIDDEN`: by its own settings. `MESSAGE_REFUSED`: the log of runs says otherwise. */
  readonly code: 'LOCATION_FORBIDDEN' | 'MESSAGE_REFUSED';
  readonly reason: string;
}

/** An in-flight shard: rows that its parts have come to so far, finished parts included. */
export interface WorkerTask {
  readonly run: string;
  readonly shard: number;
  readonly startedAt: string;
  readonly scored: number;
  readonly rejected: number;
  readonly filtered: number;
  /** Its share of the time of this worker so far; absent where an earlier version reports it. */
  readonly workerSeconds?: number | undefined;
}
