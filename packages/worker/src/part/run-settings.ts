import type { CheckedKey, PlannedProfile, Scoring } from '@shardmill/core';
import type { SinglePassSetting } from './single-pass/setting.js';

/** Everything that an engine must know to score shards of one run. */
export interface RunSettings {
  readonly runId: string;
  readonly planDigest: string;
  readonly jobName: string;
  readonly scoring: Scoring;
  /** Of the whole run: for a single one, one lane may be enough. */
  readonly parts: number;
  /** What the run's profile is of; undefined where it has none. */
  readonly profile?: PlannedProfile | undefined;
  /** Keys that checks are of; undefined where none is. */
  readonly keys?: readonly CheckedKey[] | undefined;
  readonly batchRows: number;
  /** The most tokens of one call, where that is given. */
  readonly batchTokens?: number | undefined;
  /** Whether lanes may cut batches into the calls of the model that are fastest. */
  readonly tuneCalls: boolean;
  /** When to write a part in a single pass. */
  readonly singlePass: SinglePassSetting;
  readonly duckdbThreads: number;
  readonly duckdbMemoryBytes: number;
  /** Folders of this machine that hold input. */
  readonly inputFolders: readonly string[];
  /** Folder for input that is fetched from object storage. */
  readonly stagingFolder: string;
  /** Folder for unfinished files; on the file system of the output where that is local. */
  readonly temporaryFolder: string;
}
