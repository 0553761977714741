import type { ReportDrift } from '@shardmill/client/report';

type Column = ReportDrift['columns'][number];
type Metric = Column['metrics'][number]['metric'];

/** Metrics as a report heads their columns; those of wide pages alone are left out where there is no room. */
export const METRIC_NAMES: readonly {
  readonly metric: Metric;
  readonly name: string;
  readonly wideOnly: boolean;
}[] = [
  { metric: 'psi', name: 'PSI', wideOnly: false },
  { metric: 'js', name: 'JS', wideOnly: true },
  { metric: 'chi2', name: 'χ² (w)', wideOnly: true },
  { metric: 'ks', name: 'KS', wideOnly: false },
  { metric: 'wasserstein', name: 'Wasserstein (σ)', wideOnly: true },
];

export function hasDrifted({ metrics }: Column): boolean {
  return metrics.some(({ drifted }) => drifted === true);
}

/** Columns with drift, the greatest first; then the others, in the order of the profile. */
export function driftedFirst(columns: readonly Column[]): Column[] {
  const excess = ({ metrics }: Column): number =>
    Math.max(
      0,
      ...metrics.map(({ drifted, value, threshold }) =>
        drifted === true ? 1 + value / Math.max(threshold ?? 0, 1e-9) : 0,
      ),
    );
  return columns.toSorted((a, b) => excess(b) - excess(a));
}

export function metricText({ metrics }: Column, metric: Metric): string {
  const found = metrics.find((one) => one.metric === metric);
  return found === undefined ? '–' : found.value.toFixed(3);
}

/** Why a column has drift, or has none, in a few words. */
export function verdictOf({ metrics, notCompared }: Column): string {
  if (notCompared !== undefined) return `not compared: ${notCompared}`;
  const found = metrics.filter(({ drifted }) => drifted === true);
  if (found.length > 0) {
    return found
      .map(({ metric, threshold }) => `${nameOf(metric)} above ${threshold ?? ''}`)
      .join(', ');
  }
  return metrics.some(({ threshold }) => threshold !== undefined) ? 'none' : 'not judged';
}

const nameOf = (metric: Metric): string =>
  METRIC_NAMES.find((one) => one.metric === metric)?.name ?? metric;
