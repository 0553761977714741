import { describe, expect, it } from 'vitest';
import { errorDelayMs, decideError } from './decide-error.js';

describe('an error in the work of a scheduler', () => {
  it('never fails a run where the store does not answer', () => {
    for (const failures of [1, 10, 1000]) {
      expect(decideError('STORE_UNREACHABLE', failures, 0).kind).toBe('again');
    }
  });
  it('fails the run at once where the run is at fault', () => {
    for (const code of ['COLUMN_NOT_FOUND', 'OUTPUT_EXISTS', 'ROW_ACCOUNTING'] as const) {
      expect(decideError(code, 1, 0)).toEqual({ kind: 'fail' });
    }
  });
  it('fails the run after some attempts where it may go away', () => {
    for (const code of ['INTERNAL', 'ENGINE_CRASHED', 'STORE_DENIED'] as const) {
      expect(decideError(code, 9, 0).kind).toBe('again');
      expect(decideError(code, 10, 0)).toEqual({ kind: 'fail' });
    }
  });
});

it('waits twice as long each time, up to half a minute, with jitter', () => {
  expect([1, 2, 3, 6, 7, 100].map((failures) => errorDelayMs(failures, 0))).toEqual([
    500, 1000, 2000, 15_000, 15_000, 15_000,
  ]);
  expect(errorDelayMs(1, 0.5)).toBe(750);
});
