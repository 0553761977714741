import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunSnapshot } from '@shardmill/client/fleet';
import {
  captureTerminal,
  sampleScheduler,
  sampleView,
  sampleWorker,
} from '../../testing/samples.js';
import { screenOf } from '../../testing/screen.js';
import { visibleLength } from '../text/text-layout.js';
import { WatchDisplay } from './watch-display.js';

const START = Date.parse('2026-11-22T05:03:20.000Z');
let now = START;
let open: WatchDisplay | undefined;
beforeEach(() => {
  now = START;
});
afterEach(() => open?.close());

function display(live: boolean) {
  const terminal = captureTerminal('/data', live);
  open = new WatchDisplay(terminal, () => now);
  return { watch: open, terminal, screen: () => screenOf(terminal.stderr()) };
}

const snapshot = (rowsDone: number, changes: Partial<RunSnapshot> = {}): RunSnapshot => ({
  view: sampleView({ rowsDone }),
  from: 'scheduler',
  processes: [sampleScheduler, sampleWorker()],
  ...changes,
});

describe('on a terminal', () => {
  it('a run is drawn in place: rows, rate, time left, shards, workers, troubles', () => {
    const { watch, screen } = display(true);
    watch.update(snapshot(3_000_000));
    now += 1000;
    watch.update(snapshot(3_200_000));
    expect(screen()).toEqual([
      `● churn running 3:21${' '.repeat(34)}20261122T050000Z-3f9a1c20`,
      '  ━━━━━━━━━━━━━━━━━━──────────────────────  45%  3,200,000 of 7,043,000 rows',
      '  200,000 rows/s, 0:20 left',
      '  shards   12 of 27 done, 2 active, 13 waiting',
      '  workers  2 with shards of this run, 1 in pool cpu',
      '  12 rows rejected, 3 retries',
    ]);
    for (const line of screen()) expect(visibleLength(line)).toBeLessThanOrEqual(79);
  });

  it('it goes on where nothing new is heard, and says so', () => {
    const { watch, screen } = display(true);
    watch.update(snapshot(3_000_000));
    now += 30_000;
    watch.tick();
    expect(screen()[0]).toContain('running 3:50');
    expect(screen().at(-1)).toBe('  last heard of 30 s ago; trying again');
  });

  it('it says what the run waits for, whole', () => {
    const { watch, screen } = display(true);
    const view = sampleView({ shards: { ...sampleView().shards, active: 0 }, retries: 0 });
    watch.update(snapshot(0, { view, processes: [sampleScheduler] }));
    const text = screen().join(' ').replaceAll(/ +/g, ' ');
    expect(text).toContain(
      'waiting: no worker of pool cpu is there; start one: shardmill worker --pool cpu',
    );
  });

  it('the speed is that of the work, without the wait before it', () => {
    const { watch, screen } = display(true);
    const idle = { ...sampleView().shards, active: 0 };
    watch.update(snapshot(0, { view: sampleView({ rowsDone: 0, shards: idle }) }));
    now += 60_000;
    watch.update(snapshot(0, { view: sampleView({ rowsDone: 0, shards: idle }) }));
    now += 1000;
    watch.update(snapshot(200_000));
    expect(screen()[2]).toBe('  200,000 rows/s, 0:35 left');
  });

  it('rows that are subtracted begin the rate anew', () => {
    const { watch, screen } = display(true);
    watch.update(snapshot(3_000_000));
    now += 1000;
    watch.update(snapshot(3_200_000));
    now += 1000;
    watch.update(snapshot(3_100_000));
    expect(screen()[2]).toBe('  measuring the speed …');
  });

  it('a run without a plan shows no bar', () => {
    const { watch, screen } = display(true);
    const view = sampleView({ state: 'planning', rowsPlanned: 0, rowsDone: 0 });
    watch.update(snapshot(0, { view }));
    expect(screen()).toHaveLength(1);
  });
});

it('elsewhere it is a line every five seconds', () => {
  const { watch, terminal } = display(false);
  watch.update(snapshot(3_000_000));
  for (let i = 1; i <= 9; i++) {
    now += 1000;
    watch.update(snapshot(3_000_000 + i * 100_000));
  }
  watch.notice('the store answers again');
  expect(terminal.stderr().trimEnd().split('\n')).toEqual([
    'churn: running, 3,000,000 of 7,043,000 rows (42%), 12 of 27 shards, 2 workers, 12 rows rejected, 3 retries',
    'churn: running, 3,500,000 of 7,043,000 rows (49%), 100,000 rows/s, about 35 s left, 12 of 27 shards, 2 workers, 12 rows rejected, 3 retries',
    'the store answers again',
  ]);
});
