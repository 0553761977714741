import { readSample, SAMPLED_KEYS } from './key-sample.js';
import type { KeyState } from './key-state-schema.js';

/** How many rows of a run have the key of another one. */
export interface RepeatEstimate {
  /** Rows with a key that another row before them has. */
  readonly rows: number;
  /** Whether all keys were counted, and `rows` is exact. */
  readonly exact: boolean;
  /** Keys that were counted in the whole run, and those of them that more than one row has. */
  readonly sampled: number;
  readonly repeated: number;
  /** Of all keys, the share that more than one row has, at most: with 95% confidence. */
  readonly atMost: number;
}

const CONFIDENCE = 0.95;
/** Standard errors of a normal distribution of which 95% are below. */
const ONE_SIDED = 1.645;

/**
 * The keys with the smallest hashes are a random sample of all different keys, and how many rows have each is
 * exact. Without a repeated one among n, at most 1 - 0.05^(1/n) of all keys are repeated, with 95% confidence;
 * with some, at most the upper bound of Wilson's interval (Wilson 1927).
 */
export function estimateRepeats(state: KeyState): RepeatEstimate {
  const sample = readSample(state);
  const sampled = sample.length;
  const repeated = sample.filter(([, rows]) => rows > 1).length;
  const sampledRows = sample.reduce((sum, [, rows]) => sum + rows, 0);
  if (sampled < SAMPLED_KEYS) {
    const share = sampled === 0 ? 0 : repeated / sampled;
    return { rows: sampledRows - sampled, exact: true, sampled, repeated, atMost: share };
  }
  const share = (sampledRows - sampled) / sampledRows;
  return {
    // What was counted within parts is not a guess.
    rows: Math.max(state.repeated, Math.round(state.rows * share)),
    exact: false,
    sampled,
    repeated,
    atMost: repeated === 0 ? 1 - (1 - CONFIDENCE) ** (1 / sampled) : upperBound(repeated, sampled),
  };
}

function upperBound(found: number, of: number): number {
  const share = found / of;
  const z = (ONE_SIDED * ONE_SIDED) / of;
  const spread = ONE_SIDED * Math.sqrt((share * (1 - share)) / of + z / (4 * of));
  return (share + z / 2 + spread) / (1 + z);
}
