/**
 * Ways to measure how far a column is from that of the baseline, as a job names them. The last two need an order of
 * the values, which texts do not have.
 */
export const DRIFT_METRICS = ['psi', 'js', 'chi2', 'ks', 'wasserstein'] as const;
export type DriftMetric = (typeof DRIFT_METRICS)[number];
