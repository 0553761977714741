/** The pools without an entry of their own. */
export const OTHER_POOLS = '*';

/** What an hour of one worker costs, by pool, in any currency. */
export type Prices = Readonly<Record<string, number>>;

/** The price of an hour of a worker of a pool; undefined where none is known. */
export function priceOf(prices: Prices | undefined, pool: string): number | undefined {
  if (prices === undefined) return undefined;
  const name = Object.hasOwn(prices, pool) ? pool : OTHER_POOLS;
  return Object.hasOwn(prices, name) ? prices[name] : undefined;
}

/** What worker seconds cost. */
export function costOf(workerSeconds: number, pricePerHour: number): number {
  return (workerSeconds / 3600) * pricePerHour;
}

/** `0.00042`, `12.61`, `1250`: at most two decimals, unless the first digits would be lost. */
export function formatCost(cost: number): string {
  if (cost === 0) return '0';
  return cost >= 1 ? String(Number(cost.toFixed(2))) : String(Number(cost.toPrecision(2)));
}
