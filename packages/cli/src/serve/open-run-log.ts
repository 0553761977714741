import { stat } from 'node:fs/promises';
import { isS3, ShardmillError, type Stores } from '@shardmill/core';
import { RunRegistry } from '@shardmill/scheduler';
import type { Settings } from '@shardmill/client/load-settings';
import type { Logger } from './log.js';

/**
 * The log of runs, which shows a worker what is to be worked on: without it, a worker would
 * refuse every shard. @throws CONFIG_INVALID where no setting says where it is, and it is not here.
 */
export async function openRunLog(
  settings: Settings,
  stores: Stores,
  log: Logger,
): Promise<RunRegistry> {
  const state = settings.get('state.uri');
  if (!isS3(state) && !(await isFolder(state))) {
    const isDefault = settings.originOf('state.uri').kind === 'default';
    if (isDefault && settings.file === undefined) {
      throw new ShardmillError(
        'CONFIG_INVALID',
        'a worker needs the log of runs: there is no configuration file, and state.uri is not set',
        { where: 'state.uri', remedy: 'Set it to what the schedulers have.' },
      );
    }
    log.warn({ state }, 'there is no log of runs yet: shards are refused until there is');
  }
  return new RunRegistry(stores.open(state));
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
