import { describeColumn } from '../../profile/describe-column.js';
import { bucketsToText } from '../../profile/bucket-text.js';
import type { NumberProfile, Profile, ProfileColumn } from '../../profile/profile-schema.js';
import type { NumberState } from '../../profile/profile-state-schema.js';
import { NameIndex } from '../../names/match-name.js';
import { LogHistogram } from '../../statistics/log-histogram.js';
import type { ProfiledPlace } from './profiled-place.js';

export interface FittedDataset {
  readonly profile: Profile;
  /** Features that the job computes, and that are compared with the column of their name as it is. */
  readonly computed: readonly ProfiledPlace[];
}

/**
 * The profile of a data set as one of a job's features: the columns that these take, else those of their names, by
 * the names and in the types of the features. A column that no conversion of a job would give to its feature keeps its
 * own type, by which it is refused.
 */
export function fitDataset(profile: Profile, places: readonly ProfiledPlace[]): FittedDataset {
  const index = new NameIndex(profile.features.columns);
  const computed: ProfiledPlace[] = [];
  const columns = places.flatMap((place): ProfileColumn[] => {
    const { name, of, expression = name } = place;
    if (of === 'output') return [];
    const [taken] = index.find(expression);
    const [column] = taken === undefined ? index.find(name) : [taken];
    if (column === undefined) return [];
    if (taken === undefined) computed.push(place);
    return [{ ...fitColumn(column, place), name }];
  });
  return { profile: { ...profile, features: { ...profile.features, columns } }, computed };
}

function fitColumn(
  column: ProfileColumn,
  { type, holds }: Pick<ProfiledPlace, 'type' | 'holds'>,
): ProfileColumn {
  if (column.kind === 'text') return holds === 'texts' ? { ...column, type } : column;
  if (holds === 'texts' || column.type === type) return column;
  switch (type) {
    case 'float32':
    case 'float16':
      return asFloats(column, type);
    case 'float64':
      return { ...column, type };
    case 'bool':
      return column;
    default:
      // Columns of whole numbers are stored as floats where some of their values are missing.
      return isWhole(column) ? { ...column, type } : column;
  }
}

function isWhole({ type, sketch: { values } }: NumberProfile): boolean {
  if (type === 'bool' || /^u?int\d+$/.test(type)) return true;
  return values?.every(([value]) => Number.isInteger(value)) ?? false;
}

const MAX_FLOAT = (2 - 2 ** -23) * 2 ** 127;

/** As floats of 32 bits, by which a run has its features: 0.1 is another number there. Sums stay those of the data. */
function asFloats(column: NumberProfile, type: string): ProfileColumn {
  const { name, input, element, sketch } = column;
  return describeColumn({ name, input, element, type }, floatState(sketch));
}

function floatState(sketch: NumberState): NumberState {
  const { values, min, max } = sketch;
  const bounds = { min: min && clamped(min), max: max && clamped(max) };
  if (values === null) return { ...sketch, ...bounds };
  const counts = new Map<number, number>();
  let beyond = 0;
  for (const [value, count] of values) {
    const float = Math.fround(value);
    if (Number.isFinite(float)) counts.set(float, (counts.get(float) ?? 0) + count);
    else beyond += count;
  }
  const histogram = new LogHistogram();
  for (const [value, count] of counts) histogram.add(value, count);
  return {
    ...sketch,
    ...bounds,
    infinite: sketch.infinite + beyond,
    values: [...counts],
    buckets: bucketsToText(histogram.filled()),
  };
}

const clamped = (value: number): number =>
  Math.fround(Math.min(Math.max(value, -MAX_FLOAT), MAX_FLOAT));
