import { describe, expect, it } from 'vitest';
import {
  addParameter,
  locationFrom,
  memorySize,
  positiveInteger,
  rowBudget,
} from './option-values.js';

describe('--param', () => {
  it('collects values, which may be empty or hold further =', () => {
    const first = addParameter('where=a=b');
    expect(addParameter('empty=', first)).toEqual({ where: 'a=b', empty: '' });
  });

  it.each(['ds', '=x', '1a=x', 'a b=x', ''])('refuses %j', (text) => {
    expect(() => addParameter(text)).toThrow('Expected NAME=VALUE');
  });

  it('refuses a second value for a name', () => {
    expect(() => addParameter('ds=b', { ds: 'a' })).toThrow('given before, as ds=a');
  });
});

it('whole numbers from 1 on', () => {
  expect(positiveInteger('4096')).toBe(4096);
  expect(positiveInteger('4_096')).toBe(4096);
  for (const text of ['0', '-1', '1.5', 'x', '', '_']) {
    expect(() => positiveInteger(text)).toThrow('from 1 on');
  }
});

it('sizes and budgets as the job schema has them', () => {
  expect(memorySize('700MB')).toBe('700MB');
  expect(memorySize('60%')).toBe('60%');
  expect(memorySize('1000000')).toBe(1_000_000);
  expect(() => memorySize('many')).toThrow('Expected a size');
  expect(rowBudget('100')).toBe(100);
  expect(rowBudget('0.1%')).toBe('0.1%');
  expect(() => rowBudget('-1')).toThrow('Expected a count');
});

it('locations of the command line start at the working directory', () => {
  expect(locationFrom('/data', 'data/*.parquet')).toBe('/data/data/*.parquet');
  expect(locationFrom('/data', '/data')).toBe('/data');
  expect(locationFrom('/data', 's3://bucket/key')).toBe('s3://bucket/key');
});
