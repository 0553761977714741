import { describe, expect, it } from 'vitest';
import {
  addNames,
  addParameter,
  age,
  memorySize,
  positiveInteger,
  priority,
  rowBudget,
  runKey,
  wholeNumber,
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

it('a list of names, of which one with a comma is in quotes', () => {
  const first = addNames('age, city');
  expect(addNames('"a, ""b""",x y,"c"', first)).toEqual(['age', 'city', 'a, "b"', 'x y', 'c']);
  for (const text of ['', ' ', ',']) expect(() => addNames(text)).toThrow('Expected names');
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

it('an age is in milliseconds, and an hour at least', () => {
  expect([age('30d'), age('12h'), age('90m'), age('1.5 d')]).toEqual([
    2_592_000_000, 43_200_000, 5_400_000, 129_600_000,
  ]);
  for (const text of ['30', 'd', '-1d', '59m', '0d']) expect(() => age(text)).toThrow('Expected');
});

it('a priority is from 0 to 100', () => {
  expect([priority('0'), priority('100')]).toEqual([0, 100]);
  for (const text of ['101', '-1', '1.5', 'high', ''])
    expect(() => priority(text)).toThrow('0 to 100');
});

it('a run key is any text in one line', () => {
  expect(runKey('churn 2026-11-22 / Dubai')).toBe('churn 2026-11-22 / Dubai');
  for (const text of ['', ' ', 'a\nb', 'x'.repeat(513)])
    expect(() => runKey(text)).toThrow('one line');
});

it.each([
  ['whole numbers', positiveInteger],
  ['whole numbers in a range', wholeNumber({ least: 1, most: 1024 })],
  ['sizes', memorySize],
  ['budgets', rowBudget],
  ['ages', age],
  ['priorities', priority],
])('%s are refused beyond their bounds, with both of them and what was found', (_what, read) => {
  const nines = '9'.repeat(400);
  for (const text of ['-1', '0.5', 'NaN', 'Infinity', '1e300', nines, `${nines}d`, `${nines}%`]) {
    expect(() => read(text), text).toThrow(/Expected .*\d.*; found "/s);
  }
});
