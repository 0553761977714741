import { expect, it } from 'vitest';
import { noticesOf } from './provider-notices.js';

it('there is no notice where all is as requested', () => {
  expect(noticesOf({ providers: ['cpu'], missing: [] })).toEqual([]);
  expect(noticesOf({ providers: ['cuda'], missing: [] })).toEqual([]);
});

it('a notice says what is used instead of a provider, and why', () => {
  const missing = [{ provider: 'cuda', reason: 'Failed to load shared library' }] as const;
  expect(noticesOf({ providers: ['cpu'], missing })).toEqual([
    'cuda cannot be used, cpu is instead: Failed to load shared library',
  ]);
});

it('a notice says that some of the model is computed by the CPU', () => {
  expect(noticesOf({ providers: ['cuda', 'cpu'], missing: [] })).toEqual([
    "cuda leaves some of the model's operators to the CPU (see shardmill docs gpu)",
  ]);
});
