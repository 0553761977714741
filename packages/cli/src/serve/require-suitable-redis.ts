import { ShardmillError } from '@shardmill/core';
import type { FleetRedis } from '@shardmill/queue';
import type { Logger } from './log.js';

/**
 * Refuses a Redis with which runs may stop or repeat their work. One that does not answer yet is
 * waited for where it is used. @throws REDIS_UNSUITABLE
 */
export async function requireSuitableRedis(redis: FleetRedis, log: Logger): Promise<void> {
  const report = await redis.check().catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    log.warn({ where: redis.where, error: message }, 'Redis does not answer yet: waiting for it');
    return undefined;
  });
  for (const problem of report?.problems ?? []) {
    if (problem.severity === 'unsuitable') {
      throw new ShardmillError('REDIS_UNSUITABLE', problem.message, {
        where: redis.where,
        remedy: problem.remedy,
      });
    }
    // `doctor` has the rest: here it would be said at every start.
    log.debug({ where: redis.where, do: problem.remedy }, problem.message);
  }
}
