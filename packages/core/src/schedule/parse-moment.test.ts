import { describe, expect, it } from 'vitest';
import { parseMoment } from './parse-moment.js';

const textOf = (instantMs: number | undefined) => new Date(instantMs ?? 0).toISOString();

describe('a time in a schedule', () => {
  it.each([
    ['2026-11-22', '2026-11-21T20:00:00.000Z'],
    ['2026-11-22T05:00', '2026-11-22T01:00:00.000Z'],
    ['2026-11-22T05:00:30Z', '2026-11-22T05:00:30.000Z'],
    ['2026-11-22T05:00-03:30', '2026-11-22T08:30:00.000Z'],
  ])('may be %s', (text, expected) => {
    expect(textOf(parseMoment(text, 'Asia/Dubai'))).toBe(expected);
  });

  it('means the whole day where it is an end', () => {
    expect(textOf(parseMoment('2026-11-22', 'Asia/Dubai', 'last'))).toBe(
      '2026-11-22T19:59:59.999Z',
    );
    // A day of 25 hours.
    expect(textOf(parseMoment('2026-10-25', 'Europe/Berlin', 'last'))).toBe(
      '2026-10-25T22:59:59.999Z',
    );
  });

  it.each(['2026-02-30', '2026-11-22T24:00', '2026-11-22T05', '22.11.2026', '2026-11-22Z', ''])(
    'cannot be "%s"',
    (text) => {
      expect(parseMoment(text, 'UTC')).toBeUndefined();
    },
  );
});
