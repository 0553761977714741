import {
  type DriftColumn,
  type Drift,
  hasDrifted,
  type JudgedMetric,
  type QualityOutcome,
} from '@shardmill/core';

/**
 * What a run is judged by of its drift: an outcome of each column that has drift or that could not be
 * compared, and one of all others together.
 */
export function driftOutcomes({ severity, baseline, columns }: Drift): QualityOutcome[] {
  if (baseline === null) {
    return [passed(severity, 'There is no earlier run with a profile to compare with.')];
  }
  const drifted = columns.filter(hasDrifted);
  const skipped = columns.filter(({ notCompared }) => notCompared !== undefined);
  const rest = columns.length - drifted.length - skipped.length;
  return [
    ...drifted.map((column) => outcomeOf(column, severity)),
    ...skipped.map(notComparedOutcome),
    ...(rest > 0
      ? [passed(severity, `${rest} of ${columns.length} columns are as in the baseline.`)]
      : []),
  ];
}

function passed(severity: Drift['severity'], message: string): QualityOutcome {
  const facts = { kind: 'drift', severity, observed: null, expected: 'no drift', passed: true };
  return { name: 'drift', ...facts, message };
}

function outcomeOf(column: DriftColumn, severity: Drift['severity']): QualityOutcome {
  const found = column.metrics.filter(({ drifted }) => drifted === true);
  const [first] = found;
  const said = found.map((metric) => `${metric.metric} is ${valueOf(metric)}`);
  return {
    ...named(column),
    severity,
    observed: first?.value ?? null,
    expected: found.map(({ metric, threshold }) => `${metric} at most ${threshold}`).join(', '),
    passed: false,
    message: `The ${column.of} "${column.name}" is not as in the baseline: ${said.join(', ')}.`,
  };
}

/** That something is unknown ends no run. */
function notComparedOutcome(column: DriftColumn): QualityOutcome {
  return {
    ...named(column),
    severity: 'warn',
    observed: null,
    expected: 'a comparison',
    passed: false,
    message: `The ${column.of} "${column.name}" was not compared with the baseline: ${column.notCompared}.`,
  };
}

function named({ name, of }: DriftColumn): Pick<QualityOutcome, 'name' | 'kind' | 'column'> {
  return { name: `drift of ${of} ${name}`, kind: 'drift', column: name };
}

function valueOf({ value, threshold = 0 }: JudgedMetric): string {
  return `${Number(value.toPrecision(3))}, above ${threshold}`;
}
