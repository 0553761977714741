import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { captureTerminal, progressOf } from '../../testing/samples.js';
import { ProgressDisplay } from './progress-display.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('draws at most ten times a second, hides the cursor once and gives it back', () => {
  const terminal = captureTerminal('/data', true);
  const display = new ProgressDisplay(terminal, 'churn', () => Date.now());
  for (let ms = 0; ms < 1000; ms++) {
    display.update(progressOf({ rowsDone: ms * 1000, elapsedMs: ms }));
    vi.advanceTimersByTime(1);
  }
  display.close();
  const written = terminal.stderr();
  expect(written.split('\rchurn').length - 1).toBeLessThanOrEqual(11);
  expect(written.split('\rchurn').length - 1).toBeGreaterThan(5);
  expect(written.split('\x1b[?25l')).toHaveLength(2);
  expect(written.endsWith('\r\x1b[2K\x1b[?25h')).toBe(true);
});

it('puts a notice above the line', () => {
  const terminal = captureTerminal('/data', true);
  const display = new ProgressDisplay(terminal, 'churn', () => Date.now());
  display.update(progressOf({ rowsDone: 1000 }));
  display.notice('shard 3 is tried again');
  display.close();
  expect(terminal.stderr()).toContain('\r\x1b[2Kshard 3 is tried again\nchurn');
});

it('writes a plain line every five seconds where there is no terminal', () => {
  const terminal = captureTerminal('/data');
  const display = new ProgressDisplay(terminal, 'churn', () => Date.now());
  for (let second = 0; second <= 12; second++) {
    display.update(progressOf({ rowsDone: second * 1000, elapsedMs: second * 1000 }));
    vi.advanceTimersByTime(1000);
  }
  display.close();
  const lines = terminal.stderr().trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/^churn: [78],000 of 7,043,000 rows \(0%\), 1,000 rows\/s/);
  expect(terminal.stderr()).not.toContain('\x1b');
});

it('writes the first plain line as soon as rows are done, but not of a short run', () => {
  const terminal = captureTerminal('/data');
  const display = new ProgressDisplay(terminal, 'churn', () => Date.now());
  display.update(progressOf({ rowsDone: 500, rowsResumed: 500 }));
  vi.advanceTimersByTime(3000);
  expect(terminal.stderr()).toBe('');
  display.update(progressOf({ rowsDone: 501, rowsResumed: 500 }));
  vi.advanceTimersByTime(200);
  expect(terminal.stderr()).toMatch(/^churn: 501 of [^\n]*\n$/);
  display.close();

  const short = captureTerminal('/data');
  const other = new ProgressDisplay(short, 'churn', () => Date.now());
  other.update(progressOf({ rowsDone: 1000 }));
  vi.advanceTimersByTime(2000);
  other.close();
  expect(short.stderr()).toBe('');
});

it('says what the run waits for, at once, until there is progress', () => {
  const log = captureTerminal('/data');
  const display = new ProgressDisplay(log, 'churn', () => Date.now());
  for (let second = 0; second < 8; second++) {
    display.waits(`for 3 files, for ${second} s`);
    vi.advanceTimersByTime(1000);
  }
  display.update(progressOf({ rowsDone: 1000 }));
  vi.advanceTimersByTime(6000);
  display.close();
  const lines = log.stderr().trimEnd().split('\n');
  expect(lines.slice(0, 2)).toEqual([
    'churn: waiting for 3 files, for 0 s',
    expect.stringMatching(/^churn: waiting for 3 files, for [45] s$/),
  ]);
  expect(lines.at(-1)).toMatch(/^churn: 1,000 of/);

  const screen = captureTerminal('/data', true);
  const live = new ProgressDisplay(screen, 'churn', () => Date.now());
  live.waits(`for ${'a very long name '.repeat(20)}`);
  live.close();
  expect(screen.stderr()).toMatch(/\rchurn: waiting for a very long name.{10,200}…/);
});

it('leaves no listener behind', () => {
  const before = process.listenerCount('exit');
  const display = new ProgressDisplay(captureTerminal('/data', true), 'churn');
  display.close();
  expect(process.listenerCount('exit')).toBe(before);
});
