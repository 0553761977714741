import { ShardmillError } from '../errors/shardmill-error.js';
import type { RunLimits } from '../job/limits-schema.js';
import { type Prices, priceOf } from './prices.js';

/** Refuses a limit of cost that could not be held. @throws PRICE_MISSING */
export function requirePrice(
  limits: RunLimits | undefined,
  prices: Prices | undefined,
  pool: string,
): void {
  if (limits?.maxCost === undefined || priceOf(prices, pool) !== undefined) return;
  throw new ShardmillError(
    'PRICE_MISSING',
    `maxCost is ${limits.maxCost}, and price.workerHour has no price for pool "${pool}"`,
    {
      where: 'limits.maxCost',
      remedy: `Say what an hour of a worker costs: price: { workerHour: { ${JSON.stringify(pool)}: 0.40 } } in shardmill.config.ts, or SHARDMILL_PRICE_WORKER_HOUR=${pool}=0.40.`,
    },
  );
}
