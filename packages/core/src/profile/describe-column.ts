import { unreachable } from '../errors/invariant-error.js';
import { parseUnits, toDouble, UNIT_EXPONENT } from './exact-sum.js';
import type { NumberProfile, ProfileColumn, TextProfile } from './profile-schema.js';
import type { ColumnState, NumberState, TextState } from './profile-state-schema.js';
import { countDistinct } from './value-counts.js';
import { bucketPoints, knownPoints, type ValuePoints } from './value-points.js';

/** Which column it is. */
export type ColumnPlace = Pick<ProfileColumn, 'name' | 'input' | 'element' | 'type'>;

/** What a profile says of a column, from its sketch. */
export function describeColumn(place: ColumnPlace, state: ColumnState): ProfileColumn {
  switch (state.kind) {
    case 'number':
      return describeNumbers(place, state);
    case 'text':
      return describeTexts(place, state);
    default:
      return unreachable(state, 'kind of column');
  }
}

const FRACTIONS = [0.01, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.99];
const BINS = 32;
const MAX_TOP = 20;

function describeNumbers(place: ColumnPlace, sketch: NumberState): NumberProfile {
  const { kind, count, nulls, nan, infinite, min, max } = sketch;
  const points = pointsOf(sketch);
  const finite = count - nulls - nan - infinite;
  return {
    ...place,
    kind,
    count,
    nulls,
    nan,
    infinite,
    distinct: countDistinct(sketch),
    min,
    max,
    mean: meanOf(sketch, finite),
    standardDeviation: deviationOf(sketch, finite),
    quantiles: quantilesOf(points, finite, FRACTIONS),
    histogram: binsOf(points, finite),
    top: topOf(sketch.values),
    sketch,
  };
}

function describeTexts(place: ColumnPlace, sketch: TextState): TextProfile {
  const { kind, count, nulls, minLength, maxLength, totalLength } = sketch;
  return {
    ...place,
    kind,
    count,
    nulls,
    distinct: countDistinct(sketch),
    minLength,
    maxLength,
    meanLength: count === nulls ? null : totalLength / (count - nulls),
    top: topOf(sketch.values),
    sketch,
  };
}

/** The values themselves, or the middles of buckets. */
function pointsOf({ values, buckets, min, max }: NumberState): ValuePoints {
  if (values !== null) return knownPoints(values);
  const points = bucketPoints({ buckets });
  const [least, greatest] = [min ?? -Infinity, max ?? Infinity];
  const within = points.values.map((value) => Math.min(Math.max(value, least), greatest));
  return { ...points, values: within };
}

function meanOf({ sum }: NumberState, finite: number): number | null {
  if (finite === 0) return null;
  const total = toDouble(parseUnits(sum), UNIT_EXPONENT);
  return Number.isFinite(total) ? total / finite : null;
}

/** The variance is (n · Σx² − (Σx)²) / n², of which the numerator is computed without rounding. */
function deviationOf({ sum, squares }: NumberState, finite: number): number | null {
  if (finite === 0 || squares === null) return null;
  const total = parseUnits(sum);
  const scaled = (BigInt(finite) * parseUnits(squares)) << BigInt(-UNIT_EXPONENT);
  const numerator = scaled - total * total;
  // The squares were rounded: what should be nothing may be a little less.
  if (numerator <= 0n) return 0;
  const variance = toDouble(numerator, 2 * UNIT_EXPONENT) / finite / finite;
  return Number.isFinite(variance) ? Math.sqrt(variance) : null;
}

function quantilesOf(
  { values, counts }: ValuePoints,
  finite: number,
  fractions: readonly number[],
): NumberProfile['quantiles'] {
  if (finite === 0) return [];
  let at = 0;
  let left = counts[0] ?? 0;
  return fractions.map((fraction) => {
    const rank = Math.max(1, Math.ceil(fraction * finite));
    while (left < rank && at + 1 < counts.length) left += counts[++at] ?? 0;
    return { fraction, value: values[at] ?? 0 };
  });
}

/** Outside of the middle 99%, values may lie so far that all others would be in one bin. */
const MIDDLE = [0.005, 0.995] as const;

function binsOf(points: ValuePoints, finite: number): NumberProfile['histogram'] {
  const { values, counts: rows } = points;
  const [first, last] = [values[0], values.at(-1)];
  if (first === undefined || last === undefined) return [];
  if (first === last) return [{ from: first, to: last, count: finite }];
  const [low, high] = quantilesOf(points, finite, MIDDLE).map(({ value }) => value);
  const [from = first, to = last] = low === high ? [first, last] : [low, high];
  const edges: number[] = [];
  for (let i = 0; i <= BINS; i++) {
    // Without the difference of the two, which may be beyond the greatest double.
    const edge = from * (1 - i / BINS) + to * (i / BINS);
    // Of the smallest doubles, rounding may put an edge before the one to its left.
    edges.push(Math.min(Math.max(edge, edges.at(-1) ?? from), to));
  }
  edges[0] = first;
  edges[BINS] = last;
  const counts = edges.slice(1).map(() => 0);
  let bin = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? first;
    while (bin + 1 < BINS && value >= (edges[bin + 1] ?? Infinity)) bin++;
    counts[bin] = (counts[bin] ?? 0) + (rows[i] ?? 0);
  }
  return counts.map((count, i) => ({ from: edges[i] ?? from, to: edges[i + 1] ?? to, count }));
}

function topOf<V>(values: readonly [V, number][] | null): { value: V; count: number }[] | null {
  return (
    values
      ?.toSorted(([, a], [, b]) => b - a)
      .slice(0, MAX_TOP)
      .map(([value, count]) => ({ value, count })) ?? null
  );
}
