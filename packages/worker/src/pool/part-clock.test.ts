import { describe, expect, test } from 'vitest';
import { PartClock } from './part-clock.js';

const LIMIT = 100;

/** Plays events at their times; then asks who is overdue. */
function after(
  now: number,
  ...events: readonly (readonly [
    at: number,
    what: 'enter' | 'begin' | 'end' | 'leave',
    shard: number,
    part?: number,
    rows?: number,
  ])[]
): ReturnType<PartClock['overdue']> {
  const clock = new PartClock();
  for (const [at, what, shard, part = 0, rows = 0] of events) {
    switch (what) {
      case 'enter':
        clock.enter(shard, at);
        break;
      case 'begin':
        clock.move(shard, part, rows, at);
        break;
      case 'end':
        clock.end(shard, part, at);
        break;
      case 'leave':
        clock.leave(shard, at);
        break;
      default:
        what satisfies never;
    }
  }
  return clock.overdue(now, LIMIT);
}

describe('the time of a part', () => {
  test('counts from its last progress, however long it takes in all', () => {
    const events = [
      [0, 'enter', 7],
      [10, 'begin', 7, 0],
      [90, 'begin', 7, 0, 100],
      [170, 'begin', 7, 0, 200],
    ] as const;
    expect(after(270, ...events)).toBeUndefined();
    expect(after(271, ...events)).toMatchObject({ shard: 7, part: 0 });
  });

  test('goes on for a part that is begun again: what it does then is progress', () => {
    const events = [
      [0, 'enter', 7],
      [0, 'begin', 7, 0, 500],
      [90, 'begin', 7, 0, 0],
    ] as const;
    expect(after(101, ...events)).toMatchObject({ shard: 7, part: 0 });
    expect(after(101, ...events, [95, 'begin', 7, 0, 100])).toBeUndefined();
  });

  test('starts anew when a part that began earlier goes on, and not the other way round', () => {
    const events = [
      [0, 'enter', 7],
      [0, 'begin', 7, 0],
      [0, 'begin', 7, 1],
    ] as const;
    expect(after(101, ...events, [50, 'begin', 7, 0, 10])).toBeUndefined();
    expect(after(101, ...events, [50, 'begin', 7, 1, 10])).toMatchObject({ part: 0 });
  });

  test('counts from its beginning where no row of it is done', () => {
    const events = [
      [0, 'enter', 7],
      [10, 'begin', 7, 0],
      [90, 'begin', 7, 0],
    ] as const;
    expect(after(110, ...events)).toBeUndefined();
    expect(after(111, ...events)).toMatchObject({ shard: 7, part: 0 });
  });

  test('counts for a shard that does not come to a part', () => {
    expect(after(100, [0, 'enter', 7])).toBeUndefined();
    expect(after(101, [0, 'enter', 7])).toMatchObject({ shard: 7, part: undefined });
  });

  test('counts for a shard only while there is no part that it may wait for', () => {
    const events = [
      [0, 'enter', 7],
      [0, 'enter', 8],
      [0, 'begin', 7, 0],
      [60, 'begin', 7, 1],
      [90, 'end', 7, 0],
    ] as const;
    // Shard 7 is abandoned first; shard 8 has waited all the time.
    expect(after(180, ...events)).toBeUndefined();
    expect(after(191, ...events)).toMatchObject({ shard: 7, part: 1 });
    const over = [...events, [150, 'end', 7, 1], [150, 'leave', 7]] as const;
    expect(after(250, ...over)).toBeUndefined();
    expect(after(251, ...over)).toMatchObject({ shard: 8, part: undefined });
  });

  test('counts for a shard between two parts', () => {
    const events = [
      [0, 'enter', 7],
      [0, 'begin', 7, 0],
      [90, 'end', 7, 0],
    ] as const;
    expect(after(190, ...events)).toBeUndefined();
    expect(after(191, ...events)).toMatchObject({ shard: 7, part: undefined });
  });

  test('starts anew when a part that began earlier ends: it may have waited for that one', () => {
    const events = [
      [0, 'enter', 7],
      [0, 'begin', 7, 0],
      [5, 'begin', 7, 1],
      [80, 'end', 7, 0],
    ] as const;
    expect(after(180, ...events)).toBeUndefined();
    expect(after(181, ...events)).toMatchObject({ shard: 7, part: 1 });
  });

  test('goes on when parts that began later end: a part that is stuck is found', () => {
    const events = [
      [0, 'enter', 7],
      [0, 'begin', 7, 0],
      [1, 'enter', 8],
      [2, 'begin', 8, 0],
      [60, 'end', 8, 0],
      [60, 'leave', 8],
      [61, 'enter', 9],
      [61, 'begin', 9, 0],
      [95, 'end', 9, 0],
    ] as const;
    expect(after(101, ...events)).toMatchObject({ shard: 7, part: 0 });
  });

  test('ends when the shard is out of the engine', () => {
    expect(after(500, [0, 'enter', 7], [0, 'begin', 7, 0], [50, 'leave', 7])).toBeUndefined();
  });
});
