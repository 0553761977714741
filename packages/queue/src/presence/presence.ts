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
}

/** An in-flight shard: rows that its parts have come to so far, finished parts included. */
export interface WorkerTask {
  readonly run: string;
  readonly shard: number;
  readonly startedAt: string;
  readonly scored: number;
  readonly rejected: number;
  readonly filtered: number;
}
