/** What `doctor` wants to know of a Redis server, or of each master of a cluster. */
export interface RedisReport {
  /** Address, without password. */
  readonly where: string;
  readonly software: 'redis' | 'valkey';
  readonly version: string;
  /** `standalone`, `sentinel` or `cluster`: how the server says it runs. */
  readonly mode: string;
  /** Latency of the reply to one PING. */
  readonly latencyMs: number;
  /** For example `noeviction`; null where the server does not report it (a managed one may refuse CONFIG). */
  readonly maxmemoryPolicy: string | null;
  readonly persistence: { readonly appendOnly: boolean; readonly snapshots: boolean | null };
  readonly usedMemoryBytes: number;
  /** 0: no limit. */
  readonly maxMemoryBytes: number;
  readonly connectedClients: number;
  /** What is unsuitable, in words, with what to do; empty where all is well. */
  readonly problems: readonly RedisProblem[];
}

export interface RedisProblem {
  /** `unsuitable`: runs may stop or repeat work for ever; `advice`: it works, but could be better. */
  readonly severity: 'unsuitable' | 'advice';
  readonly message: string;
  readonly remedy: string;
}
