import { describe, expect, it } from 'vitest';
import { SharedTime } from './shared-time.js';

describe('the time of a worker', () => {
  it('is divided among the shards that are in flight at once', () => {
    let now = 1000;
    const time = new SharedTime(() => now);
    const first = time.begin();
    now += 4000;
    const second = time.begin();
    now += 6000;
    expect([first.seconds(), second.seconds()]).toEqual([7, 3]);
    first.end();
    now += 5000;
    expect(second.seconds()).toBe(8);
    second.end();
  });

  it('is the time in which there was at least one, all shares together', () => {
    let now = 0;
    const time = new SharedTime(() => now);
    const spans = [
      [0, 10],
      [2, 5],
      [4, 12],
      [30, 31],
      [30, 35],
    ].map(([from = 0, to = 0]) => ({ from, to, seconds: 0 }));
    const open = new Map<number, ReturnType<SharedTime['begin']>>();
    for (let second = 0; second <= 40; second++) {
      now = second * 1000;
      for (const [index, span] of spans.entries()) {
        if (span.to === second) {
          span.seconds = open.get(index)?.seconds() ?? Number.NaN;
          open.get(index)?.end();
        }
        if (span.from === second) open.set(index, time.begin());
      }
    }
    const all = spans.reduce((sum, { seconds }) => sum + seconds, 0);
    expect(all).toBeCloseTo(12 + 5, 9);
  });

  it('loses nothing by a clock that is set back', () => {
    let now = 5000;
    const time = new SharedTime(() => now);
    const shard = time.begin();
    now = 8000;
    expect(shard.seconds()).toBe(3);
    now = 1000;
    expect(shard.seconds()).toBe(3);
    now = 2000;
    expect(shard.seconds()).toBe(4);
  });
});
