import type { Scoring } from '@shardmill/core';
import { expect, it } from 'vitest';
import { sampleScoring } from '../testing/sample-scoring.js';
import { chooseWriter, MAX_SINGLE_PASS_BYTES } from './choose-writer.js';

const scoring = sampleScoring();
const settings = { scoring, tuneCalls: true, singlePass: 'auto' } as const;
const lanes = { provider: 'cpu', safeRows: 100_000 } as const;
const large = { ...scoring, model: { ...scoring.model, bytes: MAX_SINGLE_PASS_BYTES + 1 } };
const challenged: Scoring = {
  ...scoring,
  challengers: [
    {
      name: 'next',
      model: { ...scoring.model, bytes: MAX_SINGLE_PASS_BYTES },
      features: scoring.features,
      share: 1,
      rows: null,
      compared: [],
      rankEvery: 1,
    },
  ],
};
const transformed = {
  ...scoring,
  transform: { columns: [], module: 't.js', export: 'function' as const, sha256: '' },
};

it('is a single pass where the plan, the model and the lanes allow it', () => {
  expect(chooseWriter(settings, [lanes, lanes])).toBe('single-pass-where-faster');
  expect(chooseWriter({ ...settings, singlePass: 'always' }, [lanes])).toBe(
    'single-pass-where-possible',
  );
});

it.each([
  ['that is asked for', { ...settings, singlePass: 'never' } as const, lanes],
  ['the job fixes the rows of a call', { ...settings, tuneCalls: false }, lanes],
  ['a device computes', settings, { ...lanes, provider: 'cuda' } as const],
  ['a chunk does not fit in memory', settings, { ...lanes, safeRows: 100 }],
  ['the model is large', { ...settings, scoring: large }, lanes],
  ['a challenger is large', { ...settings, scoring: challenged }, lanes],
  ['the plan does not allow it', { ...settings, scoring: transformed }, lanes],
])('is two passes where %s, whatever else is requested', (_, chosen, found) => {
  expect(chooseWriter(chosen, [found])).toBe('two-pass');
  const always =
    chosen.singlePass === 'never' ? chosen : { ...chosen, singlePass: 'always' as const };
  expect(chooseWriter(always, [lanes, found])).toBe('two-pass');
});
