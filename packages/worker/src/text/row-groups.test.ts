import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GroupLimits, type RowGroup, RowGroups } from './row-groups.js';

function allGroups(lengths: readonly number[], limits: GroupLimits): RowGroup[] {
  const groups = new RowGroups(Int32Array.from(lengths));
  const all: RowGroup[] = [];
  for (let next = groups.next(limits); next !== undefined; next = groups.next(limits)) {
    all.push(next);
  }
  return all;
}

describe('calls of rows of different lengths', () => {
  it('have each row once, no more tokens than wanted, and the length of their longest row', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 200 }),
        fc.integer({ min: 1, max: 2000 }),
        fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
        (lengths, tokens, rows) => {
          const groups = allGroups(lengths, { tokens, rows });
          const seen = groups.flatMap((group) => [...group.rows]);
          expect(seen.toSorted((a, b) => a - b)).toEqual([...lengths.keys()]);
          for (const group of groups) {
            const own = [...group.rows].map((row) => lengths[row] ?? 0);
            expect(group.length).toBe(Math.max(...own));
            expect(own.length).toBeLessThanOrEqual(rows ?? Infinity);
            if (own.length > 1) expect(own.length * group.length).toBeLessThanOrEqual(tokens);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('have rows of about the same length: few positions are padding', () => {
    const lengths = Array.from({ length: 2000 }, (_, row) => 8 + ((row * 37) % 57));
    const padded = allGroups(lengths, { tokens: 1024 }).reduce(
      (sum, group) => sum + group.rows.length * group.length,
      0,
    );
    expect(padded).toBeLessThan(1.05 * lengths.reduce((sum, length) => sum + length, 0));
  });

  it('begin with the longest rows, and then with the shortest', () => {
    const [first, second] = allGroups([5, 90, 7, 80, 6, 70], { tokens: 180 });
    expect(first).toEqual({ rows: Int32Array.of(1, 3), length: 90 });
    expect(second?.rows).toContain(0);
  });

  it('stand in the same order each time', () => {
    const lengths = [3, 3, 2, 3, 2, 9, 1];
    expect(allGroups(lengths, { rows: 2 })).toEqual(allGroups(lengths, { rows: 2 }));
  });
});
