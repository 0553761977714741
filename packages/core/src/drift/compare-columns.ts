import { unreachable } from '../errors/invariant-error.js';
import type { NumberProfile, ProfileColumn, TextProfile } from '../profile/profile-schema.js';
import type { BinCounts } from './bin-counts.js';
import { binNumbers } from './bin-numbers.js';
import { binTexts } from './bin-texts.js';
import {
  chiSquaredTest,
  effectSize,
  jensenShannon,
  populationStability,
} from './binned-metrics.js';
import { kolmogorovSmirnov, type SharedPoint, wasserstein } from './cumulative-metrics.js';
import type { DriftBin, MeasuredColumn, MeasuredMetric } from './drift-schema.js';
import { sharePoints } from './share-points.js';

/**
 * How far a column of a run is from that of a baseline, by all metrics that it has. Nothing depends on the
 * order in which rows were profiled, or on how they were divided.
 * @returns a sentence where the two cannot be compared
 */
export function compareColumns(
  baseline: ProfileColumn,
  current: ProfileColumn,
): MeasuredColumn | string {
  if (baseline.count === 0) return 'the baseline has no rows of it';
  if (current.count === 0) return 'the run has no rows of it';
  switch (baseline.kind) {
    case 'number':
      return current.kind === 'number'
        ? compareNumbers(baseline, current)
        : 'it has numbers in the baseline, and texts in the run';
    case 'text':
      return current.kind === 'text'
        ? compareTexts(baseline, current)
        : 'it has texts in the baseline, and numbers in the run';
    default:
      return unreachable(baseline, 'kind of column');
  }
}

function compareNumbers(baseline: NumberProfile, current: NumberProfile): MeasuredColumn {
  const points = sharePoints(baseline.sketch, current.sketch);
  const { bins, beyond, classes } = binNumbers(points);
  const missing = { baseline: missingOf(baseline), current: missingOf(current) };
  const all: DriftBin[] = [
    ...bins.map(({ from, to, ...rows }) => ({ kind: 'range' as const, from, to, ...rows })),
    { kind: 'beyond', baseline: 0, current: beyond },
    { kind: 'missing', ...missing },
  ];
  return {
    bins: all,
    metrics: [
      ...binned(all, [...classes, missing]),
      ...ordered(points, baseline.standardDeviation),
    ],
  };
}

/** What is no finite number: nulls, NaN and infinities. */
const missingOf = ({ nulls, nan, infinite }: NumberProfile): number => nulls + nan + infinite;

function compareTexts(baseline: TextProfile, current: TextProfile): MeasuredColumn | string {
  const [before, now] = [baseline.sketch.values, current.sketch.values];
  if (before === null) return 'the baseline has too many different texts, or long ones';
  if (now === null) return 'the run has too many different texts, or long ones';
  const { bins, beyond, classes } = binTexts(before, now);
  const missing = { baseline: baseline.nulls, current: current.nulls };
  const all: DriftBin[] = [
    ...bins.map(({ text, ...rows }) =>
      text === null
        ? { kind: 'others' as const, ...rows }
        : { kind: 'text' as const, text, ...rows },
    ),
    { kind: 'beyond', baseline: 0, current: beyond },
    { kind: 'missing', ...missing },
  ];
  return { bins: all, metrics: binned(all, [...classes, missing]) };
}

type RowsOfBoth = Pick<DriftBin, 'baseline' | 'current'>;

function binned(bins: readonly RowsOfBoth[], classes: readonly RowsOfBoth[]): MeasuredMetric[] {
  const counts = countsOf(bins);
  const { probability } = chiSquaredTest(countsOf(classes));
  return [
    { metric: 'psi', value: populationStability(counts), probability },
    { metric: 'js', value: jensenShannon(counts), probability },
    { metric: 'chi2', value: effectSize(counts), probability },
  ];
}

const countsOf = (bins: readonly RowsOfBoth[]): BinCounts => ({
  baseline: bins.map(({ baseline }) => baseline),
  current: bins.map(({ current }) => current),
});

/** Of the finite values alone; none where one of the two has none. */
function ordered(points: readonly SharedPoint[], deviation: number | null): MeasuredMetric[] {
  const some = (of: 'baseline' | 'current'): boolean => points.some((point) => point[of] > 0);
  if (!some('baseline') || !some('current')) return [];
  const { distance, probability } = kolmogorovSmirnov(points);
  const ks: MeasuredMetric = { metric: 'ks', value: distance, probability };
  const area = wasserstein(points);
  const relative = area === 0 ? 0 : area / (deviation ?? Number.NaN);
  // A baseline of one value has no deviation to measure by.
  if (!Number.isFinite(relative)) return [ks];
  return [ks, { metric: 'wasserstein', value: relative, probability }];
}
