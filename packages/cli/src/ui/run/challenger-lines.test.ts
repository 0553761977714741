import type { ChallengerReport } from '@shardmill/core';
import { expect, it } from 'vitest';
import { challengerLines, percentText } from './challenger-lines.js';

const next: ChallengerReport = {
  name: 'next',
  uri: '/models/next.onnx',
  sha256: 'c'.repeat(64),
  share: 0.1,
  rows: { sampled: 2000, scored: 1990, failed: 10 },
  columns: [
    {
      kind: 'numbers',
      column: 'churn',
      challengerColumn: 'next_churn',
      compared: 1990,
      meanDifference: -0.01,
      meanAbsoluteDifference: 0.031_316,
      largestDifference: 0.27,
      rankCorrelation: 0.992_46,
      rankedRows: 1990,
      bands: {
        limits: [0.5],
        rows: [
          [1000, 60],
          [40, 890],
        ],
        changed: 100,
      },
    },
    {
      kind: 'labels',
      column: 'band',
      challengerColumn: 'next_band',
      compared: 1990,
      equal: 1890,
    },
  ],
};

it('says of each challenger how it differs, and how many rows it failed for', () => {
  expect(challengerLines([next])).toEqual([
    'next: churn differs by 0.03132, rank correlation 0.9925, 5% change band; band is the same in 95%; 2,000 rows, 10 without a score',
  ]);
  expect(challengerLines(undefined)).toEqual([]);
});

it('does not round a share to all or to nothing', () => {
  expect(percentText(99_999, 100_000)).toBe('over 99.9%');
  expect(percentText(1, 100_000)).toBe('under 0.1%');
  expect(percentText(0, 100)).toBe('0%');
  expect(percentText(100, 100)).toBe('100%');
});
