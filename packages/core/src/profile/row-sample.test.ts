import { describe, expect, it } from 'vitest';
import { ALL_ROWS, chooseSampling, RowSample } from './row-sample.js';

const SAMPLING = { every: 8, blockRows: 64 };

/** Keys of rows of the slices' files. */
const keysOf = (rows: readonly (readonly [slice: number, row: number])[]): BigInt64Array =>
  BigInt64Array.from(rows, ([slice, row]) => (BigInt(slice) << 40n) + BigInt(row));

const rowsOf = (count: number, slice = 0, first = 0): (readonly [number, number])[] =>
  Array.from({ length: count }, (_, i) => [slice, first + i] as const);

function taken(sample: RowSample, rows: readonly (readonly [number, number])[]): string[] {
  const ranges = sample.ranges(keysOf(rows));
  const found: string[] = [];
  for (let at = 0; at < ranges.length; at += 2) {
    for (const row of rows.slice(ranges[at], ranges[at + 1])) found.push(row.join(':'));
  }
  return found;
}

describe('a sample of rows', () => {
  it('has about the share of rows that it should, in whole blocks', () => {
    const sample = new RowSample(SAMPLING, ['a']);
    const rows = taken(sample, rowsOf(200_000));
    expect(rows.length / 200_000).toBeGreaterThan(0.11);
    expect(rows.length / 200_000).toBeLessThan(0.14);
    expect(rows.length % 64).toBe(0);
  });

  it('is the same in whatever pieces the rows come, and with rows left out between them', () => {
    const sample = new RowSample(SAMPLING, ['a', 'b']);
    const rows = [...rowsOf(5000), ...rowsOf(5000, 1, 4_294_966_000)];
    const whole = taken(sample, rows);
    const pieces: string[] = [];
    for (let at = 0; at < rows.length; at += 333) {
      pieces.push(...taken(sample, rows.slice(at, at + 333)));
    }
    expect(pieces).toEqual(whole);
    const even = rows.filter(([, row]) => row % 2 === 0);
    expect(taken(sample, even)).toEqual(whole.filter((row) => Number(row.split(':')[1]) % 2 === 0));
  });

  it('does not depend on where in a part a file stands', () => {
    const rows = taken(new RowSample(SAMPLING, ['a', 'b']), rowsOf(10_000, 1));
    const alone = taken(new RowSample(SAMPLING, ['b']), rowsOf(10_000));
    expect(rows.map((row) => row.split(':')[1])).toEqual(alone.map((row) => row.split(':')[1]));
  });

  it('is another one of another file: so that of many small files some are taken', () => {
    const files = Array.from({ length: 800 }, (_, i) => `file-${i}`);
    const found = files.filter(
      (file) => new RowSample(SAMPLING, [file]).ranges(keysOf(rowsOf(9))).length > 0,
    );
    expect(found.length).toBeGreaterThan(60);
    expect(found.length).toBeLessThan(140);
  });

  it('has all rows where it should', () => {
    const sample = new RowSample(ALL_ROWS, ['a']);
    expect(sample.ranges(keysOf(rowsOf(3)))).toEqual([0, 3]);
    expect(sample.ranges(keysOf([]))).toEqual([]);
  });

  it('is of all rows of a small run, and of one in 128 of a large one', () => {
    const every = [0, 32_767, 32_768, 500_000, 1_048_576, 1e9].map(
      (rows) => chooseSampling(rows).every,
    );
    expect(every).toEqual([1, 1, 2, 16, 64, 128]);
  });
});
