import { describe, expect, it } from 'vitest';
import { NumberSketch } from '../profile/number-sketch.js';
import { profiledColumn } from '../testing/profiled-column.js';
import { describeColumn } from '../profile/describe-column.js';
import { compareColumns } from './compare-columns.js';

type Values = (number | string | null)[];

function metricsOf(baseline: Values, current: Values): Record<string, number> {
  const measured = compareColumns(profiledColumn(baseline), profiledColumn(current));
  if (typeof measured === 'string') throw new Error(measured);
  return Object.fromEntries(measured.metrics.map(({ metric, value }) => [metric, value]));
}

const steps = (count: number, of: (i: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => of(i));

describe('a column compared with its baseline', () => {
  it('is at no distance from itself, whatever its values are', () => {
    for (const values of [
      steps(1000, (i) => Math.sin(i) * 1e6),
      [5, 5, 5],
      [1, null, Number.NaN, Infinity],
      ['a', null, 'b'],
    ]) {
      const metrics = metricsOf(values, values);
      for (const value of Object.values(metrics)) expect(value).toBeCloseTo(0, 12);
    }
  });

  it('has drift where a constant has another value, though there is no deviation to measure it by', () => {
    const metrics = metricsOf([5, 5, 5, 5], [7, 7, 7, 7]);
    expect(metrics).toMatchObject({ ks: 1, js: 1 });
    expect(metrics['psi']).toBeGreaterThan(1);
    expect(metrics).not.toHaveProperty('wasserstein');
  });

  it('has one bin for nulls, NaN and infinities, and one for what is new', () => {
    const baseline = profiledColumn([1, 2, null, Number.NaN]);
    const measured = compareColumns(baseline, profiledColumn([1, 3, 3, Infinity]));
    expect(measured).toMatchObject({
      bins: [
        { kind: 'range', from: 1, to: 1, baseline: 1, current: 1 },
        { kind: 'range', from: 2, to: 2, baseline: 1, current: 0 },
        { kind: 'beyond', baseline: 0, current: 2 },
        { kind: 'missing', baseline: 2, current: 1 },
      ],
    });
  });

  it('has no order of values where one of the two has none that is finite', () => {
    expect(Object.keys(metricsOf([null, null], [1, 2]))).toEqual(['psi', 'js', 'chi2']);
  });

  it('is counted alike whether its sketch has values or buckets', () => {
    // More than 200 different values in one of the two alone.
    const metrics = metricsOf(
      steps(4000, (i) => i % 100),
      steps(4000, (i) => (i % 100) + (i % 7 === 0 ? 1e-9 * i : 0)),
    );
    expect(metrics['ks']).toBeLessThan(0.02);
    expect(metrics['psi']).toBeLessThan(0.01);
  });

  it('is the same however its rows were divided and merged', () => {
    const values = steps(3000, (i) => Math.cos(i) * 40);
    const merged = new NumberSketch();
    for (const part of [values.slice(2000), values.slice(0, 700), values.slice(700, 2000)]) {
      const sketch = new NumberSketch();
      sketch.addAll(Float64Array.from(part), 0, 1, part.length);
      merged.merge(sketch.toState());
    }
    const baseline = profiledColumn(steps(1000, (i) => Math.sin(i) * 50));
    const current = describeColumn({ name: 'x', type: 'float64' }, merged.toState());
    expect(compareColumns(baseline, current)).toEqual(
      compareColumns(baseline, profiledColumn(values)),
    );
  });

  it('is not compared where there is nothing to compare', () => {
    const some = profiledColumn([1, 2]);
    expect(compareColumns(profiledColumn([]), some)).toMatch(/baseline has no rows/);
    expect(compareColumns(some, profiledColumn([]))).toMatch(/run has no rows/);
    expect(compareColumns(some, profiledColumn(['a']))).toMatch(/numbers in the baseline/);
    const many = profiledColumn(steps(501, (i) => i).map(String));
    expect(compareColumns(many, profiledColumn(['1']))).toMatch(/too many different texts/);
  });
});
