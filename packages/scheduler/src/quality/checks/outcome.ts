import { type Check, formatCount, keyColumns, type QualityOutcome } from '@shardmill/core';

/** What was found, and whether it is as expected. */
export interface Finding {
  readonly observed: QualityOutcome['observed'];
  readonly expected: string;
  readonly passed: boolean;
  /** What was found, as the beginning of a sentence. */
  readonly found: string;
  /** What to do now, as a sentence. */
  readonly next?: string | undefined;
}

/** The outcome of a check, from what was found. */
export function outcomeOf(check: Check, finding: Finding): QualityOutcome {
  const { name, kind, severity } = check;
  const column = columnOf(check);
  const { observed, expected, passed, found, next } = finding;
  return {
    name,
    kind,
    severity,
    ...(column !== undefined && { column }),
    observed,
    expected,
    passed,
    message: `${found}; expected ${expected}${next === undefined ? '' : `. ${next}`}`,
  };
}

/** The column that a check is of. */
function columnOf(check: Check): string | undefined {
  if (check.kind === 'unique') return keyColumns(check).join(', ');
  return 'column' in check || 'feature' in check ? (check.column ?? check.feature) : undefined;
}

/** A number as a person reads it. */
export function shown(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) {
    return value < 0 ? `-${formatCount(-value)}` : formatCount(value);
  }
  return String(Number(value.toPrecision(6)));
}

/** `1.2%`. */
export function shownShare(share: number): string {
  return `${Number((100 * share).toPrecision(3))}%`;
}

/** `from 1 to 2`, `at least 1`, `at most 2`. */
export function shownBounds(
  { min, max }: { readonly min?: number | undefined; readonly max?: number | undefined },
  show: (value: number) => string = shown,
): string {
  if (min !== undefined && max !== undefined) return `from ${show(min)} to ${show(max)}`;
  if (min !== undefined) return `at least ${show(min)}`;
  return max === undefined ? 'anything' : `at most ${show(max)}`;
}

export function isWithin(
  value: number,
  { min, max }: { readonly min?: number | undefined; readonly max?: number | undefined },
): boolean {
  return (min === undefined || value >= min) && (max === undefined || value <= max);
}
