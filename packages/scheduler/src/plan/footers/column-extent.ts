import type { Footer } from '@shardmill/core';
import type { ColumnSource } from './file-facts.js';
import { type Bounds, decodeBounds } from './row-group-statistics.js';

/** What the statistics of a file say of the values of one column. */
export interface ColumnExtent {
  /** Whether every value is known to be null; so it is in a file without rows. */
  readonly allNull: boolean;
  /**
   * The least and the greatest value, where they are known of every row group: of integers the
   * number, of decimals the number times 10^scale, of timestamps microseconds.
   */
  readonly range: ValueRange | undefined;
}

export interface ValueRange {
  readonly kind: Bounds['kind'];
  readonly min: bigint;
  readonly max: bigint;
}

export function columnExtent(
  { rowGroups }: Pick<Footer, 'rowGroups'>,
  source: ColumnSource | undefined,
): ColumnExtent {
  if (source?.kind === 'absent') return { allNull: true, range: undefined };
  if (source?.kind !== 'statistics') return { allNull: false, range: undefined };
  let allNull = true;
  let known = true;
  let range: ValueRange | undefined;
  for (const { rows, statistics } of rowGroups) {
    const own = statistics.get(source.index);
    if (rows === 0 || own?.nulls === rows) continue;
    allNull = false;
    const bounds =
      own === undefined || source.leaf.kind === undefined
        ? undefined
        : rangeOf(decodeBounds(source.leaf.kind, own));
    if (bounds === undefined) known = false;
    else range = union(range, bounds);
  }
  return { allNull, range: known ? range : undefined };
}

function rangeOf(bounds: Bounds | undefined): ValueRange | undefined {
  if (bounds === undefined) return undefined;
  const { kind, min, max } = bounds;
  return typeof min === 'bigint' && typeof max === 'bigint' ? { kind, min, max } : undefined;
}

/** The range of both; undefined is empty. */
export function union(a: ValueRange | undefined, b: ValueRange): ValueRange {
  if (a === undefined) return b;
  return { kind: a.kind, min: a.min < b.min ? a.min : b.min, max: a.max > b.max ? a.max : b.max };
}
