import type { PlannedDrift } from '../plan/quality/planned-drift.js';
import type { Profile, ProfileColumn } from '../profile/profile-schema.js';
import { compareColumns } from './compare-columns.js';
import { DRIFT_FORMAT } from './drift-format.js';
import type { DriftColumn, Drift, MeasuredColumn } from './drift-schema.js';
import { judgeDrift } from './judge-drift.js';

type PlannedColumn = PlannedDrift['columns'][number];

/**
 * The drift of a run, from its profile and that of its baseline.
 * @param baseline the one that the plan names. @param profile undefined where the run has none.
 */
export function findDrift(
  { severity, baseline: pinned, columns }: PlannedDrift,
  run: Pick<Drift, 'runId' | 'planDigest'>,
  baseline: Profile,
  profile: Profile | undefined,
): Drift {
  const places = columns.map((planned) => ({
    planned,
    before: columnOf(baseline, planned),
    now: profile && columnOf(profile, planned),
  }));
  const measured = places.map(({ before, now }) => measure(before, now));
  const judged = judgeDrift(
    measured.map((column, i) => ({
      metrics: typeof column === 'string' ? [] : column.metrics,
      thresholds: columns[i]?.thresholds ?? {},
    })),
  );
  return {
    format: DRIFT_FORMAT,
    runId: run.runId,
    planDigest: run.planDigest,
    severity,
    baseline: pinned,
    columns: places.map(({ planned: { name, of }, before, now }, i): DriftColumn => {
      const column = measured[i];
      return {
        name,
        of,
        type: before?.type ?? 'unknown',
        baseline: before?.count ?? 0,
        current: now?.count ?? 0,
        metrics: judged[i] ?? [],
        bins: typeof column === 'object' ? column.bins : [],
        ...(typeof column === 'string' && { notCompared: column }),
      };
    }),
  };
}

function columnOf(profile: Profile, { name, of }: PlannedColumn): ProfileColumn | undefined {
  const { columns } = of === 'feature' ? profile.features : profile.outputs;
  return columns.find((column) => column.name === name);
}

function measure(
  before: ProfileColumn | undefined,
  now: ProfileColumn | undefined,
): MeasuredColumn | string {
  if (before === undefined) return 'the baseline does not have it';
  // A worker of an earlier version scored a part of it.
  if (now === undefined) return 'the run has no profile of it';
  return compareColumns(before, now);
}

/** Whether any metric of a column is drift. */
export function hasDrifted({ metrics }: Pick<DriftColumn, 'metrics'>): boolean {
  return metrics.some(({ drifted }) => drifted === true);
}
