import { vi } from 'vitest';
import { score as scoreWith, type Scored } from './score.js';
import type { Workplace } from './workplace.js';

/** Whether parts are written in a single pass. */
export type Way = 'never' | 'always';
export const WAYS: readonly Way[] = ['never', 'always'];

type Change = Parameters<typeof scoreWith>[1];

/** Scores the usual job in either way of writing a part. */
export async function score(
  place: Workplace,
  change: Change = {},
  way: Way = 'never',
): Promise<Scored> {
  // A run reads it when its shards begin.
  vi.stubEnv('SHARDMILL_SINGLE_PASS', way);
  try {
    return await scoreWith(place, change);
  } finally {
    vi.unstubAllEnvs();
  }
}
