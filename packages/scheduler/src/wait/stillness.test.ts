import { describe, expect, it } from 'vitest';
import { afterLook, MAX_NOTES, shouldNote } from './stillness.js';

describe('the time without a change', () => {
  it('begins anew with each change', () => {
    const first = afterLook(undefined, 'a', 10);
    expect(first).toEqual({ fingerprint: 'a', since: 10 });
    expect(afterLook(first, 'a', 20)).toEqual({ fingerprint: 'a', since: 10 });
    expect(afterLook(first, 'b', 20)).toEqual({ fingerprint: 'b', since: 20 });
  });

  it('goes on from what the log of the run knows', () => {
    expect(afterLook({ fingerprint: 'a', since: 3 }, 'a', 500)).toMatchObject({ since: 3 });
  });
});

describe('the log of a run notes it', () => {
  const seen = { fingerprint: 'a', since: 0 };

  it('once for each state of the files, when half of the time is over', () => {
    expect(shouldNote(seen, undefined, 0, 100, 49)).toBe(false);
    expect(shouldNote(seen, undefined, 0, 100, 50)).toBe(true);
    expect(shouldNote(seen, seen, 1, 100, 99)).toBe(false);
    expect(shouldNote(seen, { fingerprint: 'b', since: 0 }, 1, 100, 50)).toBe(true);
  });

  it('a bounded number of times', () => {
    expect(shouldNote(seen, undefined, MAX_NOTES - 1, 100, 50)).toBe(true);
    expect(shouldNote(seen, undefined, MAX_NOTES, 100, 50)).toBe(false);
  });
});
