import {
  describeProfile,
  type DriftPlan,
  NumberSketch,
  type Plan,
  planDrift,
  type Profile,
  type ProfileState,
} from '@shardmill/core';
import { publishPlan } from '../plan/publish-plan.js';
import { MemoryStore } from './memory-store.js';
import { syntheticPlan } from './synthetic-plan.js';

/** The profile of a run whose only output has these scores. */
export function profileOf(
  plan: Pick<Plan, 'runId' | 'digest' | 'job' | 'scoring'>,
  scores: readonly number[],
): Profile {
  return describeProfile(plan, PLANNED, stateOf(scores));
}

/** Outputs alone have a profile. */
const PLANNED = { sampling: { every: 1, blockRows: 64 }, features: [], omitted: 0 };

/** The same as a run's records have it. */
export function stateOf(scores: readonly number[]): ProfileState {
  const sketch = new NumberSketch();
  sketch.addAll(Float64Array.from(scores), 0, 1, scores.length);
  return {
    sampledRows: 0,
    features: [],
    outputs: [{ name: 'score', state: sketch.toState() }],
  };
}

/** 2,000 scores, which are the same for the same shift. */
export const shiftedScores = (shift: number): number[] =>
  Array.from({ length: 2000 }, (_, i) => shift + Math.sin(i));

export interface ComparedRun {
  readonly store: MemoryStore;
  readonly plan: Plan;
}

/** A run whose plan is stored, with scores that are not shifted as its baseline. */
export async function comparedRun(severity: 'warn' | 'fail'): Promise<ComparedRun> {
  const store = new MemoryStore('/out');
  const { plan: bare, pages } = syntheticPlan({ runId: 'r1', output: '/out', shards: 1 });
  const baseline = profileOf({ ...bare, runId: 'r0' }, shiftedScores(0));
  const { planned, kept } = driftPlanOf(baseline, severity);
  const plan = { ...bare, profile: PLANNED, drift: planned };
  return { store, ...(await publishPlan(store, { plan, pages, baseline: kept })) };
}

/** What a run with that output is compared with. */
function driftPlanOf(profile: Profile, severity: 'warn' | 'fail'): DriftPlan {
  const drift = {
    baseline: '/b.json',
    metrics: { psi: 0.2 },
    columns: {},
    features: true,
    severity,
  };
  const place = { name: 'score', of: 'output', type: 'FLOAT', holds: 'numbers' } as const;
  return planDrift(drift, [place], { uri: '/b.json', profile });
}
