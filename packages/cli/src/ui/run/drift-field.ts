import { hasDrifted, type ManifestDrift } from '@shardmill/core';
import { plural } from '../text/format.js';
import type { Style } from '../text/style.js';
import type { Field } from '../text/text-layout.js';

/** How many columns differ from the baseline; the checks name them. Nothing for a job without one. */
export function driftField(
  drift: ManifestDrift | undefined,
  { colors }: Pick<Style, 'colors'>,
): Field[] {
  if (drift === undefined) return [];
  const { baseline, columns } = drift;
  if (baseline === null) return [['drift', 'no earlier run to compare with']];
  const drifted = columns.filter(hasDrifted).length;
  const all = plural(columns.length, 'column');
  return [['drift', drifted === 0 ? `none in ${all}` : colors.yellow(`in ${drifted} of ${all}`)]];
}
