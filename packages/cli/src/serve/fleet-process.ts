import { Stores } from '@shardmill/core';
import { FleetRedis } from '@shardmill/queue';
import { redisOptions, storageOptions } from '@shardmill/client/connection-options';
import { newIdentity } from '@shardmill/client/identity';
import type { Services } from '@shardmill/client/services';
import type { Result } from '../result.js';
import type { Terminal } from '../terminal.js';
import { type Logger, openLog } from './log.js';
import { logNotice } from './log-notice.js';
import { requireSuitableRedis } from './require-suitable-redis.js';

/** What a scheduler and a worker have in common. */
export interface FleetProcess {
  readonly identity: ReturnType<typeof newIdentity>;
  readonly log: Logger;
  readonly stores: Stores;
  readonly redis: FleetRedis;
}

/**
 * Opens the log, the stores and Redis, and closes them when `serve` has ended.
 * @throws CONFIG_INVALID, REDIS_UNSUITABLE; what `serve` throws
 */
export async function runFleetProcess(
  kind: 'scheduler' | 'worker',
  terminal: Terminal,
  { settings }: Pick<Services, 'settings'>,
  serve: (process: FleetProcess) => Promise<void>,
): Promise<Result> {
  const identity = newIdentity();
  const log = openLog(settings, terminal, { process: kind, id: identity.id });
  const stores = new Stores(storageOptions(settings));
  stores.onWaiting = (message) => log.warn({}, message);
  const redis = await FleetRedis.open(redisOptions(settings), {
    notice: (notice) => logNotice(log, notice),
  });
  try {
    await requireSuitableRedis(redis, log);
    await serve({ identity, log, stores, redis });
  } finally {
    await redis.close();
    await stores.close();
  }
  log.info({}, `the ${kind} has ended`);
  return { text: () => '' };
}
