import type { CheckOfKind, RowCounts } from '@shardmill/core';
import type { PastRun } from '../history/past-run.js';
import { type Finding, isWithin, shown, shownBounds } from './outcome.js';

/** Of fewer runs a standard deviation says nothing. */
const MIN_RUNS_OF_Z_SCORE = 3;

/**
 * Whether a run has as many rows as it should, by fixed bounds and by those of the last runs.
 * @param history finished runs of the job, the latest first.
 */
export function checkRowCount(
  check: CheckOfKind<'rowCount'>,
  rows: RowCounts,
  params: Readonly<Record<string, string>>,
  history: readonly PastRun[],
): Finding {
  const observed = rows[check.rows];
  const fixed = { min: check.min, max: check.max };
  const hasFixed = check.min !== undefined || check.max !== undefined;
  const compared = boundsOfPast(check, params, history);
  const passed =
    isWithin(observed, fixed) &&
    (compared.bounds === undefined || isWithin(observed, compared.bounds));
  const expected = [...(hasFixed ? [shownBounds(fixed)] : []), ...compared.expected];
  return {
    observed,
    expected: expected.join(', and '),
    passed,
    found: `${shown(observed)} rows were ${check.rows}`,
  };
}

interface PastBounds {
  /** Undefined where there is nothing to compare with. */
  readonly bounds?: { readonly min: number; readonly max: number };
  readonly expected: readonly string[];
}

function boundsOfPast(
  { previous, rows }: CheckOfKind<'rowCount'>,
  params: Readonly<Record<string, string>>,
  history: readonly PastRun[],
): PastBounds {
  if (previous === undefined) return { expected: [] };
  const same = history.filter((past) =>
    (previous.sameParams ?? []).every((name) => past.params[name] === params[name]),
  );
  const counts = same.slice(0, previous.runs).map((past) => past.rows[rows]);
  const of = counts.length === 1 ? 'the last run' : `the last ${counts.length} runs`;
  if (previous.factor !== undefined) {
    if (counts.length === 0) return { expected: [tooFew(counts.length, 1)] };
    const median = medianOf(counts);
    const bounds = { min: median / previous.factor, max: median * previous.factor };
    const why = `a factor of ${previous.factor} around the median ${shown(median)} of ${of}`;
    return { bounds, expected: [`${shownBounds(bounds)} (${why})`] };
  }
  if (counts.length < MIN_RUNS_OF_Z_SCORE) {
    return { expected: [tooFew(counts.length, MIN_RUNS_OF_Z_SCORE)] };
  }
  const { mean, deviation } = momentsOf(counts);
  const reach = (previous.zScore ?? 0) * deviation;
  const bounds = { min: mean - reach, max: mean + reach };
  const why = `${previous.zScore} standard deviations of ${shown(deviation)} around the mean ${shown(mean)} of ${of}`;
  return { bounds, expected: [`${shownBounds(bounds)} (${why})`] };
}

function tooFew(found: number, needed: number): string {
  return `no comparison with earlier runs yet: ${found} of ${needed} that it needs`;
}

function medianOf(counts: readonly number[]): number {
  const sorted = counts.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

/** Of the sample: the divisor is n - 1. */
function momentsOf(counts: readonly number[]): { mean: number; deviation: number } {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const squares = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (counts.length - 1)) };
}
