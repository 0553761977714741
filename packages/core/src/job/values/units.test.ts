import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../errors/invariant-error.js';
import { allowedRejects, parseBytes, parseDurationMs } from './units.js';

describe('units', () => {
  it.each([
    ['250ms', 250],
    ['90s', 90_000],
    ['1.5 m', 90_000],
    ['2h', 7_200_000],
  ])('reads the time %s', (text, ms) => expect(parseDurationMs(text)).toBe(ms));

  it.each(['', '5', 's', '-1s', '1d', '1h 5m'])('refuses the time %j', (text) => {
    expect(() => parseDurationMs(text)).toThrow(InvariantError);
  });

  it.each([
    [4096, 4096],
    ['700MB', 700e6],
    ['2GiB', 2 ** 31],
    ['1.5 KiB', 1536],
    ['1TB', 1e12],
    ['60%', 600],
    ['0.05%', 0],
  ])('reads the size %s', (size, bytes) => expect(parseBytes(size, 1000)).toBe(bytes));

  it.each(['', '5', '2G', '-1MB', '%'])('refuses the size %j', (text) => {
    expect(() => parseBytes(text, 1000)).toThrow(InvariantError);
  });

  it.each([
    [0, 1000, 0],
    [5, 1000, 5],
    ['5', 1000, 5],
    ['0.1%', 1000, 1],
    ['0.1%', 999, 0],
    ['100%', 7, 7],
    ['10%', 0, 0],
    ['29%', 100, 29],
    ['0.7%', 1000, 7],
    ['0.57 %', 10_000, 57],
    ['2.5%', 39, 0],
  ])('allows %s of %i rows: %i', (budget, rows, allowed) => {
    expect(allowedRejects(budget, rows)).toBe(allowed);
  });
});
