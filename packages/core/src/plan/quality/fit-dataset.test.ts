import { describe, expect, it } from 'vitest';
import { compareColumns } from '../../drift/compare-columns.js';
import { jobDriftSchema } from '../../job/quality/drift-schema.js';
import type { Profile, ProfileColumn } from '../../profile/profile-schema.js';
import { profiledColumn } from '../../testing/profiled-column.js';
import { digestJson } from '../../text/canonical-json.js';
import { planDrift } from './plan-drift.js';
import type { ProfiledPlace } from './profiled-place.js';

const SCORE: ProfiledPlace = { name: 'score', of: 'output', type: 'DOUBLE', holds: 'numbers' };
const feature = (name: string, type: string, expression?: string): ProfiledPlace => {
  const holds = type === 'string' ? 'texts' : 'numbers';
  return { name, of: 'feature', type, holds, expression };
};

const typed = (type: string, values: readonly (number | string | null)[], name = 'age') => ({
  ...profiledColumn(values, name),
  type,
});

const datasetOf = (columns: ProfileColumn[]): Profile => ({
  format: 'shardmill-profile/1',
  runId: null,
  planDigest: null,
  job: null,
  model: null,
  dataset: { uri: '/train set.parquet' },
  features: { sampling: { every: 1, blockRows: 64, rows: 2 }, omitted: 0, columns },
  outputs: { columns: [] },
});

function plan(places: readonly ProfiledPlace[], columns: ProfileColumn[], drift: object = {}) {
  const jobDrift = jobDriftSchema.parse({ baseline: '/b.json', ...drift });
  const made = planDrift(jobDrift, places, { uri: '/b.json', profile: datasetOf(columns) });
  const kept: Profile = JSON.parse(made.kept ?? '');
  return { ...made, fitted: kept.features.columns };
}

describe('a data set without a job as a baseline', () => {
  it('is compared with features alone, and is kept as they have it, by its digest', () => {
    const { planned, fitted, kept, notices } = plan(
      [feature('age', 'float64'), SCORE],
      [typed('int64', [1, 2], 'other'), typed('int64', [3], 'AGE')],
    );
    expect(planned.columns).toEqual([{ name: 'age', of: 'feature', thresholds: { psi: 0.2 } }]);
    expect(planned.baseline).toEqual({
      uri: '/b.json',
      runId: null,
      sha256: digestJson(JSON.parse(kept ?? '')),
    });
    expect(fitted).toEqual([expect.objectContaining({ name: 'age', type: 'float64', min: 3 })]);
    expect(notices).toEqual([expect.stringContaining('outputs are not compared')]);
  });

  it('has the numbers as floats where the model takes floats, so that equal values are equal', () => {
    const values = [0.1, 0.1, 0.3, 1e300, null];
    const { fitted } = plan([feature('age', 'float32')], [typed('float64', values)]);
    const [before] = fitted;
    if (before?.kind !== 'number') throw new Error('expected numbers');
    const [tenth, three] = [Math.fround(0.1), Math.fround(0.3)];
    expect(before.sketch.values).toEqual([
      [tenth, 2],
      [three, 1],
    ]);
    // No float is as large: it is missing in the baseline as it would be in a run.
    expect(before).toMatchObject({ count: 5, nulls: 1, infinite: 1, min: tenth });
    const run = typed('float32', [tenth, tenth, three, null, null]);
    expect(compareColumns(before, run)).toMatchObject({
      metrics: expect.arrayContaining([expect.objectContaining({ metric: 'ks', value: 0 })]),
    });
  });

  it('counts values that are too many to be kept by themselves in the same buckets', () => {
    const many = Array.from({ length: 300 }, (_, i) => i + 1 / 3);
    const { fitted } = plan([feature('age', 'float32')], [typed('float64', many)]);
    const run = typed('float32', many.map(Math.fround));
    const compared = fitted[0] && compareColumns(fitted[0], run);
    expect(compared).toMatchObject({
      metrics: expect.arrayContaining([expect.objectContaining({ metric: 'ks', value: 0 })]),
    });
  });

  it.each([
    ['int32', typed('int64', [1, 2])],
    // As pandas has a column of integers with missing values.
    ['int64', typed('float64', [1, 2, null])],
    ['int64', typed('bool', [0, 1])],
    ['float16', typed('float32', [0.5])],
    ['string', typed('string', ['Oslo'])],
  ])('has the type of a feature of %s', (type, column) => {
    const { fitted } = plan([feature('age', type)], [column]);
    expect(fitted).toEqual([expect.objectContaining({ type, count: column.count })]);
  });

  it.each([
    ['int64', typed('float64', [1, 2.5]), 'has it as float64'],
    ['bool', typed('int64', [0, 1]), 'has it as int64'],
    ['string', typed('int64', [1]), 'has it as int64'],
    ['float32', typed('string', ['1']), 'has it as string'],
    ['float32', typed('float32', [1], 'aged'), 'does not have it'],
  ])('is refused for a feature of %s where no conversion gives it', (type, column, seen) => {
    expect(() => plan([feature('age', type)], [column])).toThrow(
      expect.objectContaining({
        code: 'DRIFT_BASELINE_MISMATCH',
        message: `feature "age" is ${type}, the baseline ${seen}`,
        where: '/b.json',
        remedy: expect.stringContaining("profile create JOB --input '/train set.parquet'"),
      }),
    );
  });

  it('has texts for a feature that is made of tokens', () => {
    const tokens: ProfiledPlace = { ...feature('age', 'int64'), holds: 'texts' };
    const { fitted } = plan([tokens], [typed('string', ['a text'])]);
    expect(fitted).toEqual([expect.objectContaining({ kind: 'text', type: 'int64' })]);
  });

  it('is by the column that a feature takes, and says which features are computed', () => {
    const places = [
      feature('age', 'float64', 'years'),
      feature('rate', 'float64', 'coalesce(rate, 0)'),
      feature('left', 'float64', 'log(left)'),
    ];
    const columns = ['age', 'years', 'rate', 'left'].map((name, i) => typed('float64', [i], name));
    const { fitted, notices } = plan(places, columns, { columns: { left: false } });
    expect(fitted.map(({ name, top }) => [name, top?.[0]?.value])).toEqual([
      ['age', 1],
      ['rate', 2],
      ['left', 3],
    ]);
    expect(notices).toEqual([
      expect.stringContaining('outputs'),
      expect.stringMatching(/as they are: "rate" \(coalesce\(rate, 0\)\)$/),
    ]);
  });

  it('is refused where outputs alone are to be compared', () => {
    expect(() =>
      plan([feature('age', 'float64'), SCORE], [typed('float64', [1])], { features: false }),
    ).toThrow('no feature is compared');
  });
});
