import { describe, expect, it } from 'vitest';
import { progressOf } from '../../testing/samples.js';
import { plainProgressLine, type ProgressView, progressLine } from './progress-line.js';
import { colorsFor } from '../text/style.js';
import { visibleLength } from '../text/text-layout.js';

const colors = colorsFor({ isTTY: false, env: {}, argv: [] });
const view: ProgressView = {
  name: 'churn',
  progress: progressOf({ rowsDone: 3_169_350, rowsRejected: 12 }),
  rowsPerSecond: 100_000,
};

describe('the line on a terminal', () => {
  it('shows rows, share, rate, time left and rejected rows', () => {
    expect(progressLine(view, 120, colors)).toBe(
      'churn ━━━━━━━━━━╸───────────── 45%  3,169,350 of 7,043,000 rows  100,000 rows/s  0:39 left  12 rejected',
    );
  });

  it.each([119, 100, 80, 60, 40, 20, 10, 4])('fits %i columns', (width) => {
    const line = progressLine(view, width, colors);
    expect(visibleLength(line)).toBeLessThanOrEqual(width);
    expect(line).toContain('45%');
  });

  it('is as long with colours as without', () => {
    const colored = colorsFor({ isTTY: true, env: { TERM: 'xterm' }, argv: [] });
    const line = progressLine(view, 80, colored);
    expect(line).toContain('\x1b[');
    expect(visibleLength(line)).toBe(progressLine(view, 80, colors).length);
  });

  it('promises no time before the first rows are done', () => {
    const line = progressLine({ ...view, rowsPerSecond: undefined }, 120, colors);
    expect(line).not.toContain('left');
    expect(line).not.toContain('rows/s');
  });

  it('says 100% only when every row is done, and that it is finishing then', () => {
    const almost = { ...view, progress: progressOf({ rowsDone: 7_042_999 }) };
    expect(progressLine(almost, 120, colors)).toContain(' 99%');
    const all = { ...view, progress: progressOf({ rowsDone: 7_043_000 }) };
    expect(progressLine(all, 120, colors)).toContain('100%');
    expect(progressLine(all, 120, colors)).toContain('finishing');
  });

  it('shows retries and failed shards', () => {
    const progress = progressOf({ retries: 1, shardsFailed: 2 });
    expect(progressLine({ ...view, progress }, 120, colors)).toContain('1 retry, 2 shards failed');
  });

  it('an input without rows is no division by zero', () => {
    const progress = progressOf({ rowsPlanned: 0 });
    expect(progressLine({ ...view, progress, rowsPerSecond: undefined }, 60, colors)).toContain(
      '–  0 of 0 rows',
    );
  });
});

it('the line in a log is a sentence', () => {
  expect(plainProgressLine(view)).toBe(
    'churn: 3,169,350 of 7,043,000 rows (45%), 100,000 rows/s, about 39 s left, 12 rejected',
  );
});
