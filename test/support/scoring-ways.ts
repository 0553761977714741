import { EngineProcess } from '@shardmill/worker';
import { afterAll, beforeAll, vi } from 'vitest';
import { score as scoreWith, type Scored } from './score.js';
import type { Workplace } from './workplace.js';

/** Whether parts are written in a single pass. */
export type Way = 'never' | 'always';
export const WAYS: readonly Way[] = ['never', 'always'];

type Change = Parameters<typeof scoreWith>[1];

/** Scores the usual job in either way of writing a part, on one engine for all tests of a file. */
export function useScoringWays(): (
  place: Workplace,
  change?: Change,
  way?: Way,
) => Promise<Scored> {
  let engine: EngineProcess | undefined;
  beforeAll(() => {
    engine = EngineProcess.start();
  });
  afterAll(() => engine?.close());
  return async (place, change = {}, way = 'never') => {
    if (engine === undefined) throw new Error('there is no engine');
    // A run reads it when its shards begin.
    vi.stubEnv('SHARDMILL_SINGLE_PASS', way);
    try {
      return await scoreWith(place, change, { engine });
    } finally {
      vi.unstubAllEnvs();
    }
  };
}
