import type { ShardmillError } from '@shardmill/core';
import type { OpenedRun } from '../engine/protocol.js';
import type { PartProgress } from '../part/part-progress.js';
import type { EngineProcess } from '../engine-process/engine-process.js';
import type { ShrunkCalls } from './shrink-calls.js';
import type { EngineSettings } from './engine-settings.js';
import type { ShardToScore } from '../shard/shard-worker-context.js';

export interface EnginePoolOptions {
  /** How many engine processes. */
  readonly engines: number;
  readonly startEngine: () => EngineProcess;
  readonly settingsOf: (request: ShardToScore) => Promise<EngineSettings>;
  /** Is called when a run was opened in an engine. */
  readonly onOpened: (request: ShardToScore, opened: OpenedRun) => void;
  /** Is called after an engine that had no room for its calls of the model. */
  readonly onShrunk: (request: ShardToScore, calls: ShrunkCalls) => void;
  /** Is called with a sentence on what is not as requested in an open run. */
  readonly onNotice?: ((request: ShardToScore, text: string) => void) | undefined;
  readonly now: () => number;
}

export interface PoolRequest extends ShardToScore {
  readonly onProgress: (progress: PartProgress) => void;
  /** Its engine died, and it is tried again at once: what was not finished begins anew. */
  readonly onStartOver: (error: ShardmillError) => void;
}
