import type { ProfileColumn } from '@shardmill/core';
import type { QualityFacts } from '../quality-facts.js';

/** What is known of the column that a check is of. */
export interface CheckedColumn {
  readonly name: string;
  /** Rows that were looked at. */
  readonly count: number;
  readonly nulls: number;
  /** Undefined of what are no numbers. */
  readonly nan: number | undefined;
  /** Undefined where the column is only counted. */
  readonly profile: ProfileColumn | undefined;
  /** Whether not all rows were looked at. */
  readonly sampled: boolean;
}

/** The column of a check; undefined where the run has no profile of it. */
export function findCheckedColumn(
  {
    column,
    feature,
  }: { readonly column?: string | undefined; readonly feature?: string | undefined },
  { profile, statistics }: Pick<QualityFacts, 'profile' | 'statistics'>,
): CheckedColumn | undefined {
  if (column !== undefined) {
    const found = profile?.outputs.columns.find(({ name }) => name === column);
    const counts = statistics[column];
    if (counts === undefined) return undefined;
    const { count, nulls, numeric } = counts;
    return { name: column, count, nulls, nan: numeric?.nan, profile: found, sampled: false };
  }
  const found = profile?.features.columns.find(({ name }) => name === feature);
  if (profile === undefined || found === undefined) return undefined;
  const { name, count, nulls } = found;
  const nan = found.kind === 'number' ? found.nan : undefined;
  const sampled = profile.features.sampling.every > 1;
  return { name, count, nulls, nan, profile: found, sampled };
}

export const whichRows = ({ sampled }: CheckedColumn): string =>
  sampled ? 'sampled rows' : 'rows';

/** A bound as the column's own type has it: of 0.1 in 32 bits, the nearest is a little more. */
export function asStored(value: number, { type }: Pick<ProfileColumn, 'type'>): number {
  return type === 'FLOAT' || type === 'float32' ? Math.fround(value) : value;
}
