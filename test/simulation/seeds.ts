/**
 * The seed of all scenarios, so that a test run is repeatable. SHARDMILL_SIMULATION_SEED sets
 * another one; `random` draws one, which a failure names.
 */
export function seedOfTests(): number {
  const given = process.env['SHARDMILL_SIMULATION_SEED'];
  return given === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(given ?? '1');
}

/** Scenarios that are tried; SHARDMILL_SIMULATION_SEEDS sets more for a longer proof. */
export function numberOfSeeds(): number {
  return Number(process.env['SHARDMILL_SIMULATION_SEEDS'] ?? '1000');
}
