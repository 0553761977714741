import { shareOfDay } from '../support/share-of-day.js';

/** Two seeds, each on every other day, so that a day's proof takes half as long. */
const SEEDS = 2;

/** The seed of the day; SHARDMILL_SIMULATION_SEED=1 and =2 try those of both. */
export const seedOfDay = (): number => seedOr(1 + shareOfDay(SEEDS, new Date()));

/**
 * The seed of all scenarios, so that a test run is repeatable: SHARDMILL_SIMULATION_SEED sets another one than `usual`;
 * `random` draws one, which a failure names.
 */
export function seedOr(usual: number): number {
  const given = process.env['SHARDMILL_SIMULATION_SEED'];
  return given === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(given ?? usual);
}

/** Scenarios that are tried; SHARDMILL_SIMULATION_SEEDS sets more for a longer proof. */
export function numberOfSeeds(): number {
  return Number(process.env['SHARDMILL_SIMULATION_SEEDS'] ?? '500');
}
