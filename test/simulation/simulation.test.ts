import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runScenario } from './run-scenario.js';
import { type FaultKind, faultKinds, scenarios } from './scenario.js';
import { numberOfSeeds, seedOfDay } from './seeds.js';

const TIME_LIMIT_MS = 3_600_000;

it(
  'keeps every invariant at every step, and every run ends',
  async () => {
    const [seed, numRuns] = [seedOfDay(), numberOfSeeds()];
    const fired = new Map<FaultKind, number>();
    const ends = new Map<string, number>();
    let [steps, late] = [0, 0];
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const result = await runScenario(scenario);
        steps += result.steps;
        late += result.lateSuccesses;
        for (const kind of result.fired) count(fired, kind);
        for (const end of result.ends) count(ends, end);
      }),
      { seed, numRuns },
    );
    console.log(
      `seed ${seed}: ${numRuns} scenarios, ${steps} steps; ends: ${listed(ends)}; scenarios with ${listed(fired)}`,
    );
    if (numRuns < 500) return;
    // Had a fault never come to pass, nothing would be proved about it.
    for (const kind of faultKinds) expect(fired.get(kind), kind).toBeGreaterThan(0);
    for (const end of ['finished', 'failed', 'cancelled']) expect(ends.get(end)).toBeGreaterThan(0);
    expect(late).toBeLessThan(numRuns / 100);
  },
  TIME_LIMIT_MS,
);

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function listed(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, number]) => `${number} ${name}`).join(', ');
}
