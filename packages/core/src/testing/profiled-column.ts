import { describeColumn } from '../profile/describe-column.js';
import { NumberSketch } from '../profile/number-sketch.js';
import type { ProfileColumn } from '../profile/profile-schema.js';
import { TextSketch } from '../profile/text-sketch.js';

/** The profile of a column with these values, of which none or all are texts. */
export function profiledColumn(
  values: readonly (number | string | null)[],
  name = 'x',
): ProfileColumn {
  const isText = values.some((value) => typeof value === 'string');
  const [sketch, type] = isText ? [new TextSketch(), 'string'] : [new NumberSketch(), 'float64'];
  for (const value of values) {
    if (value === null) sketch.addNulls(1);
    else if (sketch instanceof TextSketch) sketch.add(String(value), 1);
    else sketch.addAll(Float64Array.of(Number(value)), 0, 1, 1);
  }
  return describeColumn({ name, type }, sketch.toState());
}
