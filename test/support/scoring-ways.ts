import { EngineProcess } from '@shardmill/worker';
import { afterAll, beforeAll, vi } from 'vitest';
import { score as scoreWith, type Scored } from './score.js';
import type { Workplace } from './workplace.js';

/** Whether parts are written in a single pass. */
type Way = 'never' | 'always';
export const WAYS: readonly Way[] = ['never', 'always'];

type Change = Parameters<typeof scoreWith>[1];

/**
 * Scores the usual job in either way of writing a part. There is an engine for each, since an
 * engine looks at its environment as it starts.
 */
export function useScoringWays(): (
  place: Workplace,
  change?: Change,
  way?: Way,
) => Promise<Scored> {
  const engines = new Map<Way, EngineProcess>();
  beforeAll(() => {
    for (const way of WAYS) {
      vi.stubEnv('SHARDMILL_SINGLE_PASS', way);
      engines.set(way, EngineProcess.start());
    }
    vi.unstubAllEnvs();
  });
  afterAll(async () => {
    for (const engine of engines.values()) await engine.close();
  });
  return (place, change = {}, way = 'never') => {
    const engine = engines.get(way);
    if (engine === undefined) throw new Error('there is no engine');
    return scoreWith(place, change, { engine });
  };
}
