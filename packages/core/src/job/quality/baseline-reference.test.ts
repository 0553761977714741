import { expect, it } from 'vitest';
import { absoluteBaseline, readBaselineReference } from './baseline-reference.js';

const resolve = (uri: string): string => `/jobs/${uri}`;

it('a baseline is the previous run, a run by its id, a file, a training set, or the output of other runs', () => {
  const read = (baseline: string) => readBaselineReference(baseline, resolve);
  expect(read('previous')).toEqual({ kind: 'previous' });
  const runId = '20261122T050000Z-3f9a1c20-1';
  expect(read(runId)).toEqual({ kind: 'run', runId });
  expect(read('base.json')).toEqual({ kind: 'file', location: '/jobs/base.json' });
  expect(read('train.parquet')).toEqual({ kind: 'training set', location: '/jobs/train.parquet' });
  expect(read('out/2026-11-21')).toEqual({ kind: 'output', location: '/jobs/out/2026-11-21' });
});

it('a baseline is made absolute where it is a location', () => {
  expect(absoluteBaseline('previous', resolve)).toBe('previous');
  expect(absoluteBaseline('base.json', resolve)).toBe('/jobs/base.json');
});
