import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayIn, instantIn, isTimeZone, offsetMs, parseInstant, zonedText } from './zoned-time.js';

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Santiago',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
];

describe('a wall clock', () => {
  it('shows the day and the time of its zone', () => {
    const instant = Date.parse('2026-11-22T21:30:15Z');
    expect(zonedText('Asia/Kathmandu', instant)).toBe('2026-11-23T03:15:15+05:45');
    expect(zonedText('America/New_York', instant)).toBe('2026-11-22T16:30:15-05:00');
    expect(dayIn('Asia/Kathmandu', instant)).toBe('2026-11-23');
  });

  it('is read as the instant at which it shows that', () => {
    const seconds = fc.integer({ min: 1.2e9, max: 2e9 });
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), seconds, (zone, second) => {
        const instant = second * 1000;
        const local = instant + offsetMs(zone, instant);
        const read = instantIn(zone, local);
        // The first of two instants that it shows the same at.
        expect(read + offsetMs(zone, read)).toBe(local);
        expect(read).toBeLessThanOrEqual(instant);
      }),
    );
  });

  it('is read as the end of the gap where it never shows that', () => {
    expect(parseInstant('2026-03-29T02:30', 'Europe/Berlin')).toBe(Date.parse('2026-03-29T01:00Z'));
    expect(parseInstant('2026-09-06', 'America/Santiago')).toBe(Date.parse('2026-09-06T04:00Z'));
  });
});

describe('a time in a definition', () => {
  it.each([
    ['2026-11-22', '2026-11-21T20:00:00.000Z'],
    ['2026-11-22T05:00', '2026-11-22T01:00:00.000Z'],
    ['2026-11-22T05:00:30Z', '2026-11-22T05:00:30.000Z'],
    ['2026-11-22T05:00-03:30', '2026-11-22T08:30:00.000Z'],
  ])('may be %s', (text, expected) => {
    expect(new Date(parseInstant(text, 'Asia/Dubai') ?? 0).toISOString()).toBe(expected);
  });

  it('means the whole day where it is an end', () => {
    const end = parseInstant('2026-11-22', 'Asia/Dubai', 'last');
    expect(new Date(end ?? 0).toISOString()).toBe('2026-11-22T19:59:59.999Z');
  });

  it.each(['2026-02-30', '2026-11-22T24:00', '2026-11-22T05', '22.11.2026', '2026-11-22Z', ''])(
    'cannot be "%s"',
    (text) => {
      expect(parseInstant(text, 'UTC')).toBeUndefined();
    },
  );
});

it('a zone has a name that stands for rules', () => {
  expect(['Asia/Dubai', 'UTC', '+04:00', 'Asia/Dubay', ''].map(isTimeZone)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
