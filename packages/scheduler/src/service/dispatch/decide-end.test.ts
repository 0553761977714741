import { expect, it } from 'vitest';
import { decideEnd } from './decide-end.js';

const progress = { failFast: false, open: 0, failed: 0, heard: 0 };

it('goes on while shards are open, whatever failed', () => {
  expect(decideEnd({ ...progress, open: 1, failed: 3 })).toBe('go-on');
});
it('ends at the first failure where that is asked for', () => {
  expect(decideEnd({ ...progress, failFast: true, open: 5, failed: 1 })).toBe('fail');
  expect(decideEnd({ ...progress, failFast: true, open: 5 })).toBe('go-on');
});
it('looks into the store before it ends on hearsay', () => {
  expect(decideEnd({ ...progress, heard: 1 })).toBe('look');
  expect(decideEnd({ ...progress, heard: 1, failed: 1 })).toBe('look');
});
it('finalizes when all have a record, and fails when some have a failure', () => {
  expect(decideEnd(progress)).toBe('finalize');
  expect(decideEnd({ ...progress, failed: 1 })).toBe('fail');
});
