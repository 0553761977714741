import type { StorageOptions, Stores } from '@shardmill/core';
import type { FleetEvents, Presence, ShardConsumer } from '@shardmill/queue';
import type { EngineStart } from '../engine/engine-options.js';
import type { NoticeSource } from '../interruption/notice.js';
import type { ResourceOptions } from '../pool/choose-resources.js';
import type { Logger } from '@shardmill/core';
import type { RunLog } from '../shard/logged-runs.js';

export interface WorkerServiceOptions {
  readonly pool: string;
  readonly identity: WorkerIdentity;
  /** Makes the consumer of the pool, once, for so many shards at a time; the service closes it. */
  readonly consumer: (concurrency: number) => ShardConsumer;
  /** The log of runs, which alone says what is to be worked on. */
  readonly runs: RunLog;
  /** Stay the caller's, as do events and presence: close them after the service. */
  readonly stores: Stores;
  /** The same options as `stores`, for the engines, which open stores of their own. */
  readonly storage: StorageOptions;
  readonly events: FleetEvents;
  readonly presence: Presence;
  /** How engines are started, beside what is said here. */
  readonly engine?: Pick<EngineStart, 'environment' | 'allow'> | undefined;
  /** Folder for models, staged input and unfinished output, shared by the workers of this machine. */
  readonly cacheFolder: string;
  readonly log: Logger;
  /** Engines, lanes, threads, batch, memory: what is set here goes before the job. */
  readonly resources?: ResourceOptions | undefined;
  /** Execution providers of ONNX Runtime that are there; default `cpu`. */
  readonly providers?: readonly string[] | undefined;
  /** Time to finish in-flight shards where no notice sets a deadline; default 25 s. */
  readonly graceMs?: number | undefined;
  /** Sources of notices that this machine is about to be reclaimed; none where left out. */
  readonly notices?: readonly NoticeSource[] | undefined;
  /** Milliseconds since 1970; `Date.now` where left out. */
  readonly now?: (() => number) | undefined;
  readonly random?: (() => number) | undefined;
}

interface WorkerIdentity {
  /** `<host>-<pid>-<random>`: another one after each start. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
}
