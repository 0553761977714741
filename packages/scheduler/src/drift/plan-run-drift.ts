import {
  type Baseline,
  type DriftPlan,
  type JobDrift,
  type Plan,
  planDrift,
  type PlannedProfile,
  type ProfiledPlace,
} from '@shardmill/core';
import { computedColumns, outputKind } from '../finalize/computed-columns.js';
import { type BaselineRequest, findBaseline } from './find-baseline.js';

/**
 * What a run is to be compared with, from what its baseline is now.
 * @param given the baseline, where it was made already. @param isTrial whether some rows alone are scored: their drift ends no run.
 * @throws DRIFT_…, STORE_…
 */
export async function planRunDrift(
  drift: JobDrift,
  {
    scoring,
    profile,
    isTrial,
  }: Pick<Plan, 'scoring'> & {
    readonly profile: PlannedProfile;
    readonly isTrial: boolean;
  },
  request: Omit<BaselineRequest, 'baseline'>,
  given?: Baseline,
): Promise<DriftPlan> {
  const baseline = given ?? (await findBaseline({ ...request, baseline: drift.baseline }));
  const severity = isTrial ? 'warn' : drift.severity;
  return planDrift({ ...drift, severity }, placesOf(scoring, profile), baseline);
}

/** What the profile of the run will have. */
function placesOf(scoring: Plan['scoring'], { features }: PlannedProfile): ProfiledPlace[] {
  const computed = new Set(computedColumns(scoring));
  return [
    ...features.map(({ name, feature, column }): ProfiledPlace => {
      const { type = 'unknown', layout, columns } = scoring.features[feature] ?? {};
      const holds = type === 'string' || layout === 'tokens' ? 'texts' : 'numbers';
      return { name, of: 'feature', type, holds, expression: columns?.[column]?.label };
    }),
    ...scoring.output.columns.flatMap(({ name, type }): ProfiledPlace[] => {
      const kind = computed.has(name) ? outputKind(type) : undefined;
      if (kind === undefined) return [];
      return [{ name, of: 'output', type, holds: kind === 'text' ? 'texts' : 'numbers' }];
    }),
  ];
}
