import type { ByteRange, FooterRowGroup } from '@shardmill/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planRequests, wantedRanges } from './plan-requests.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const range = (start: number, end: number): ByteRange => ({ start, end });
const group = (...chunks: ByteRange[]): FooterRowGroup => ({
  rows: 1,
  bytes: 0,
  statistics: new Map(),
  chunks,
  end: 0,
  undecodable: [],
  weights: new Map(),
});

describe('what a slice wants', () => {
  const rowGroups = [
    group(range(4, 100), range(300, 400)),
    group(range(500, 600)),
    group(range(700, 800)),
  ];

  it('is the chunks of its row groups and of no others', () => {
    const slice = { firstRowGroup: 1, rowGroups: 2 };
    expect(wantedRanges({ rowGroups, createdBy: '' }, slice, 1000)).toEqual([
      range(500, 600),
      range(700, 800),
    ]);
  });

  it('ends with the file, whatever a damaged footer says', () => {
    const slice = { firstRowGroup: 0, rowGroups: 1 };
    expect(wantedRanges({ rowGroups, createdBy: '' }, slice, 350)).toEqual([
      range(4, 100),
      range(300, 350),
    ]);
    expect(wantedRanges({ rowGroups, createdBy: '' }, slice, 200)).toEqual([range(4, 100)]);
  });

  it.each([
    ['parquet-mr version 1.2.8 (build abc)', 700],
    ['parquet-mr version 1.1.0', 700],
    ['parquet-mr version 1.2.9 (build abc)', 600],
    ['parquet-mr version 1.12.0', 600],
    ['DuckDB version v1.5.6', 600],
  ])('of %s ends at %i', (createdBy, end) => {
    const slice = { firstRowGroup: 1, rowGroups: 1 };
    expect(wantedRanges({ rowGroups, createdBy }, slice, 1000)).toEqual([range(500, end)]);
  });
});

describe('requests', () => {
  it.each<[what: string, wanted: ByteRange[], present: ByteRange[], requests: ByteRange[]]>([
    ['nothing', [], [], []],
    ['one chunk', [range(4, 1000)], [], [range(4, 1000)]],
    ['chunks that touch', [range(4, 1000), range(1000, 2000)], [], [range(4, 2000)]],
    ['chunks in any order', [range(1000, 2000), range(4, 1000)], [], [range(4, 2000)]],
    [
      'a gap of 64 KiB between small chunks',
      [range(0, 10), range(10 + 64 * KIB, 20 + 64 * KIB)],
      [],
      [range(0, 20 + 64 * KIB)],
    ],
    [
      'a larger gap between small chunks',
      [range(0, 10), range(11 + 64 * KIB, 20 + 64 * KIB)],
      [],
      [range(0, 10), range(11 + 64 * KIB, 20 + 64 * KIB)],
    ],
    [
      'a gap of 1 MiB between large chunks',
      [range(0, 2 * MIB), range(3 * MIB, 4 * MIB)],
      [],
      [range(0, 4 * MIB)],
    ],
    [
      'a larger gap, however large the chunks',
      [range(0, 4 * MIB), range(5 * MIB + 1, 9 * MIB)],
      [],
      [range(0, 4 * MIB), range(5 * MIB + 1, 9 * MIB)],
    ],
    [
      'a gap of more than the chunks beside it',
      [range(0, 100 * KIB), range(400 * KIB, 500 * KIB)],
      [],
      [range(0, 100 * KIB), range(400 * KIB, 500 * KIB)],
    ],
    [
      'gaps that are large beside what is wanted, not beside what was fetched along',
      [range(0, 10), range(60 * KIB, 61 * KIB), range(160 * KIB, 161 * KIB)],
      [],
      [range(0, 61 * KIB), range(160 * KIB, 161 * KIB)],
    ],
    [
      'more than 8 MiB',
      [range(0, 20 * MIB)],
      [],
      [range(0, 6990507), range(6990507, 13981014), range(13981014, 20 * MIB)],
    ],
    ['what is present', [range(0, 100)], [range(0, 100)], []],
    ['what is present in part', [range(0, 100)], [range(20, 30)], [range(0, 20), range(30, 100)]],
    [
      'a gap in which something is present',
      [range(0, 100), range(200, 300)],
      [range(120, 130)],
      [range(0, 100), range(200, 300)],
    ],
    ['what the tail holds', [range(4, 900)], [range(500, 2000)], [range(4, 500)]],
  ])('for %s', (_, wanted, present, requests) => {
    expect(planRequests(wanted, present)).toEqual(requests);
  });

  const ranges = fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 40 * MIB }), fc.integer({ min: 1, max: 10 * MIB }))
      .map(([start, bytes]) => range(start, start + bytes)),
    { maxLength: 12 },
  );

  it('cover all that is wanted, and nothing twice', () => {
    fc.assert(
      fc.property(ranges, ranges, (wanted, present) => {
        const requests = planRequests(wanted, present);
        const all = [...requests, ...present];
        const inAll = (at: number): boolean => all.some((r) => r.start <= at && at < r.end);
        for (const { start, end } of wanted) {
          // Coverage changes at edges only.
          const edges = all.flatMap((r) => [r.start, r.end]).filter((at) => at > start && at < end);
          expect([start, end - 1, ...edges].every(inAll)).toBe(true);
        }
        for (const [index, one] of requests.entries()) {
          expect(one.end - one.start).toBeLessThanOrEqual(8 * MIB);
          const others = [...present, ...requests.slice(index + 1)];
          expect(others.some((r) => r.start < one.end && one.start < r.end)).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });
});
