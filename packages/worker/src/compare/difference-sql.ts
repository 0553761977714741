import type { Comparison } from './pair-columns.js';

/** SQL over two values of a pair of columns. */
export interface DifferenceSql {
  /** How far they are apart as DOUBLE: 0 where equal, infinite where they cannot be subtracted. */
  readonly distance: string;
  /** Whether they differ by more than the tolerance. */
  readonly differs: string;
}

/**
 * Null equals null and NaN equals NaN; either differs from all else, infinitely. Numbers are equal
 * within the tolerance or within the tolerance times the larger of the two; all else only if it is
 * the same.
 */
export function differenceSql(
  comparison: Comparison,
  a: string,
  b: string,
  tolerance: number,
): DifferenceSql {
  switch (comparison) {
    case 'integer': {
      const [x, y] = [`(${a})::HUGEINT::DOUBLE`, `(${b})::HUGEINT::DOUBLE`];
      const distance = ifEqual(a, b, `greatest(abs(${x} - ${y}), 1)`);
      return { distance, differs: `${distance} > 0` };
    }
    case 'number': {
      const distance = numberDistance(`(${a})::DOUBLE`, `(${b})::DOUBLE`);
      const larger = `greatest(abs((${a})::DOUBLE), abs((${b})::DOUBLE))`;
      return { distance, differs: exceeds(distance, larger, tolerance) };
    }
    case 'numbers': {
      const zipped = `list_zip((${a})::DOUBLE[], (${b})::DOUBLE[])`;
      const over = (body: string, initial: string): string =>
        `coalesce(list_max(list_transform(${zipped}, lambda p: ${body})), ${initial})`;
      const element = numberDistance('p[1]', 'p[2]');
      const larger = 'greatest(abs(p[1]), abs(p[2]))';
      const elsewise = (known: string): string =>
        `CASE WHEN (${a}) IS NULL OR (${b}) IS NULL OR len(${a}) <> len(${b}) THEN 'inf'::DOUBLE ELSE ${known} END`;
      const distance = ifEqual(a, b, elsewise(over(element, '0::DOUBLE')));
      const worst = over(`(${exceeds(element, larger, tolerance)})::INTEGER`, '0');
      return { distance, differs: `(${ifEqual(a, b, elsewise(`(${worst})::DOUBLE`))}) > 0` };
    }
    case 'exact': {
      const distance = ifEqual(a, b, "'inf'::DOUBLE");
      return { distance, differs: `${distance} > 0` };
    }
    case 'incomparable':
      return { distance: "'inf'::DOUBLE", differs: 'true' };
    default: {
      const unknown: never = comparison;
      return unknown;
    }
  }
}

/** Equal infinities are 0 apart, although their difference is NaN. */
function numberDistance(x: string, y: string): string {
  const apart = `coalesce(nullif(abs(${x} - ${y}), 'nan'::DOUBLE), 'inf'::DOUBLE)`;
  return ifEqual(x, y, apart);
}

const ifEqual = (a: string, b: string, other: string): string =>
  `CASE WHEN (${a}) IS NOT DISTINCT FROM (${b}) THEN 0::DOUBLE ELSE ${other} END`;

/** An infinite number has no relative tolerance. */
function exceeds(distance: string, larger: string, tolerance: number): string {
  const allowed = `${tolerance}::DOUBLE * greatest(1, ${larger})`;
  return `(${distance} > 0 AND (isinf(${distance}) OR ${distance} > ${allowed}))`;
}
