import { checkedKeys } from '@shardmill/core';
import type { SinglePassSetting } from '../part/single-pass/setting.js';
import type { LaneSettings } from '../engine/protocol.js';
import type { RunSettings } from '../part/run-settings.js';
import { chooseResources, type Machine, type ResourceOptions } from './choose-resources.js';
import { openRunFolders } from './run-folders.js';
import type { ShardMessage } from '@shardmill/queue';
import type { ShardToScore } from '../shard/shard-worker-context.js';

/** How an engine is set up for a run. */
export interface EngineSettings {
  readonly settings: RunSettings & LaneSettings;
  readonly memoryLimitBytes: number;
  /** Removes the folders that were made for it. */
  readonly release: () => Promise<void>;
}

export interface SettingsContext {
  readonly cacheFolder: string;
  /** Resources, with the number of engines. */
  readonly resources: ResourceOptions & { readonly engines: number };
  readonly machine: Machine;
  readonly singlePass: SinglePassSetting;
}

/** @throws OUTPUT_NOT_WRITABLE, DISK_FULL */
export async function engineSettings(
  {
    message,
    plan,
  }: Pick<ShardToScore, 'plan'> & { readonly message: Pick<ShardMessage, 'resources'> },
  { cacheFolder, resources, machine, singlePass }: SettingsContext,
): Promise<EngineSettings> {
  const { scoring } = plan;
  const chosen = chooseResources(resources, message.resources, scoring, machine);
  const folders = await openRunFolders(plan, cacheFolder);
  const { inputFolders, stagingFolder, temporaryFolder } = folders;
  return {
    settings: {
      ...chosen,
      singlePass,
      runId: plan.runId,
      planDigest: plan.digest,
      jobName: plan.job.name,
      scoring,
      parts: plan.totals.parts,
      profile: plan.profile,
      keys: checkedKeys(plan.checks?.checks),
      inputFolders,
      stagingFolder,
      temporaryFolder,
    },
    memoryLimitBytes: chosen.memoryLimitBytes,
    release: () => folders.close(),
  };
}

/** Two shards with one key can be in one engine: their run and all that it was opened with agree. */
export function settingsKey({ message }: Pick<ShardToScore, 'message'>): string {
  const { output, planRun, partTimeoutMs, resources } = message;
  return JSON.stringify([output, planRun, partTimeoutMs, resources]);
}
