import type { ObjectStore } from '@shardmill/core';
import { driftOutcomes } from '../drift/drift-outcomes.js';
import { driftOf } from '../drift/run-drift.js';
import type { QualitySource } from './quality-facts.js';

/** What comes of the comparison with the baseline, which is at the output location; nothing for a job without one. */
export function driftSource(store: ObjectStore): QualitySource {
  return async ({ plan, profile }) => {
    const drift = await driftOf(store, plan, () => profile);
    return drift === undefined ? [] : driftOutcomes(drift);
  };
}
