import type { CheckOfKind, NumberProfile } from '@shardmill/core';
import { asStored, type CheckedColumn } from './checked-column.js';
import { type Finding, isWithin, shown, shownBounds } from './outcome.js';

/** Whether values, or what describes them, lie within bounds. */
export function checkRange(
  check: CheckOfKind<'range'>,
  column: CheckedColumn | undefined,
): Finding {
  const expected = shownBounds(check);
  const profile = column?.profile;
  if (column === undefined || profile?.kind !== 'number') {
    return { observed: null, expected, passed: false, found: 'the run has no profile of it' };
  }
  if (column.count === 0) {
    return { observed: null, expected, passed: true, found: 'there are no rows' };
  }
  const exact = check.of === 'values' || check.of === 'min' || check.of === 'max';
  const bound = (value: number | undefined): number | undefined =>
    value === undefined || !exact ? value : asStored(value, profile);
  const bounds = { min: bound(check.min), max: bound(check.max) };
  return check.of === 'values'
    ? checkValues(column.name, profile, bounds, expected)
    : checkFigure(check.of, column.name, profile, bounds, expected);
}

interface Bounds {
  readonly min: number | undefined;
  readonly max: number | undefined;
}

function checkValues(
  name: string,
  { min, max, infinite }: NumberProfile,
  bounds: Bounds,
  expected: string,
): Finding {
  if (infinite > 0) {
    const found = `${shown(infinite)} values of "${name}" are infinite`;
    return { observed: 'infinite', expected, passed: false, found };
  }
  if (min === null || max === null) return nothingFinite(name, expected);
  const passed = isWithin(min, bounds) && isWithin(max, bounds);
  const observed = `from ${shown(min)} to ${shown(max)}`;
  return { observed, expected, passed, found: `values of "${name}" are ${observed}` };
}

function checkFigure(
  of: Exclude<CheckOfKind<'range'>['of'], 'values'>,
  name: string,
  profile: NumberProfile,
  bounds: Bounds,
  expected: string,
): Finding {
  const value = figureOf(profile, of);
  if (value === null) return nothingFinite(name, expected);
  return {
    observed: value,
    expected,
    passed: isWithin(value, bounds),
    found: `${LABELS.get(of) ?? `percentile ${of.slice(1)}`} of "${name}" is ${shown(value)}`,
  };
}

const LABELS: ReadonlyMap<string, string> = new Map([
  ['min', 'the smallest value'],
  ['max', 'the greatest value'],
  ['mean', 'the mean'],
  ['standardDeviation', 'the standard deviation'],
]);

function figureOf(profile: NumberProfile, of: string): number | null {
  switch (of) {
    case 'min':
    case 'max':
    case 'mean':
    case 'standardDeviation':
      return profile[of];
    default: {
      const fraction = Number(of.slice(1)) / 100;
      return profile.quantiles.find((quantile) => quantile.fraction === fraction)?.value ?? null;
    }
  }
}

function nothingFinite(name: string, expected: string): Finding {
  const found = `"${name}" has no value that is a finite number`;
  return { observed: null, expected, passed: false, found };
}
