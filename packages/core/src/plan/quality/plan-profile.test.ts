import { describe, expect, it } from 'vitest';
import type { BoundFeature } from '../plan-schema.js';
import { planProfile } from './plan-profile.js';

function feature(input: string, labels: readonly string[], more: Partial<BoundFeature> = {}) {
  return {
    input,
    type: 'float32',
    layout: 'scalars',
    width: labels.length,
    rowShape: [labels.length],
    columns: labels.map((label) => ({ label, sql: label })),
    ...more,
  } satisfies BoundFeature;
}

const packed = feature('X', ['age', 'log(income)', 'tenure']);
const single = feature('age', ['years']);
const list = feature('vector', ['v'], { layout: 'list' });
const ids = feature('input_ids', ['review'], { layout: 'tokens', tokens: 'ids', type: 'int64' });
const mask = feature('mask', ['review'], { layout: 'tokens', tokens: 'mask', type: 'int64' });

const namesOf = (
  features: true | false | string[],
  bound: readonly BoundFeature[] = [packed, single, list, ids, mask],
): string[] =>
  planProfile({ features, rows: 'sample' }, bound, 10).features.map(({ name }) => name);

describe('what a profile is of', () => {
  it('is every single value and text, each once, by a name of its own', () => {
    expect(namesOf(true)).toEqual(['age', 'log(income)', 'tenure', 'age[0]', 'input_ids']);
    expect(planProfile({ features: true, rows: 'all' }, [packed, list], 10).omitted).toBe(1);
  });

  it('is what the job names: columns, or inputs with all of theirs, in whatever case', () => {
    expect(namesOf(['TENURE'])).toEqual(['tenure']);
    expect(namesOf(['X'])).toEqual(['age', 'log(income)', 'tenure']);
    expect(namesOf(['tenure', 'x'])).toEqual(['age', 'log(income)', 'tenure']);
    expect(namesOf(false)).toEqual([]);
    expect(planProfile(undefined, [packed], 10)).toMatchObject({ features: [], omitted: 3 });
  });

  it('is no list, no image and nothing that is not there', () => {
    expect(() => namesOf(['vector'])).toThrow('"vector", which is no feature with a profile.');
    expect(() => namesOf(['tenur'])).toThrow('Did you mean "tenure"?');
  });

  it('has a limit where the job says all', () => {
    const wide = feature(
      'X',
      Array.from({ length: 300 }, (_, i) => `f${i}`),
    );
    const { features, omitted } = planProfile({ features: true, rows: 'all' }, [wide], 10);
    expect([features.length, omitted]).toEqual([256, 44]);
    expect(namesOf(['X'], [wide])).toHaveLength(300);
  });

  it('is of all rows where the job says so, or where they are few', () => {
    const of = (rows: 'all' | 'sample', count: number): number =>
      planProfile({ features: true, rows }, [packed], count).sampling.every;
    expect([of('all', 1e9), of('sample', 1e9), of('sample', 100)]).toEqual([1, 128, 1]);
  });
});
