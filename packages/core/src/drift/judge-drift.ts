import type { JudgedMetric, MeasuredMetric } from './drift-schema.js';
import type { DriftMetric } from './metric-names.js';

/** The value above which there is drift, by metric. */
export type DriftThresholds = Readonly<Partial<Record<DriftMetric, number | undefined>>>;

/** What is measured of one column, with the thresholds that it is held against. */
export interface JudgedColumn {
  readonly metrics: readonly MeasuredMetric[];
  readonly thresholds: DriftThresholds;
}

/**
 * How often a run at most has drift by chance alone, with a small input. Each of its comparisons is allowed the
 * same share of it (Bonferroni).
 */
const MAX_FALSE_ALARMS = 0.01;

/**
 * Which metrics of the columns of a run are drift: those above their threshold, if chance does not explain so
 * great a difference. Without the second condition a small input would have drift by chance, without the first
 * one a large input would have drift whatever it is.
 */
export function judgeDrift(columns: readonly JudgedColumn[]): JudgedMetric[][] {
  const comparisons = columns.reduce(
    (sum, { metrics, thresholds }) =>
      sum + metrics.filter(({ metric }) => thresholds[metric] !== undefined).length,
    0,
  );
  return columns.map(({ metrics, thresholds }) =>
    metrics.map((measured) => {
      const threshold = thresholds[measured.metric];
      if (threshold === undefined) return measured;
      const isByChance = measured.probability > MAX_FALSE_ALARMS / comparisons;
      return { ...measured, threshold, drifted: measured.value > threshold && !isByChance };
    }),
  );
}
