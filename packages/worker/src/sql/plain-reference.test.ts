import { expect, test } from 'vitest';
import { plainReference } from './plain-reference.js';

test.each([
  ['score', { table: undefined, name: 'score', element: undefined }],
  [' (Score) ', { table: undefined, name: 'score', element: undefined }],
  ['INPUT."a ""b"""', { table: 'input', name: 'a "b"', element: undefined }],
  ['model.probabilities[2]', { table: 'model', name: 'probabilities', element: 2 }],
])('%s is a plain reference', (sql, expected) => {
  expect(plainReference(sql)).toEqual(expected);
});

test.each(['score + 1', 'f(score)', 'a.b', 'score[i]', "'score'", '1', 'score::DOUBLE', 'a[1][2]'])(
  '%s is more than a plain reference',
  (sql) => {
    expect(plainReference(sql)).toBeUndefined();
  },
);
