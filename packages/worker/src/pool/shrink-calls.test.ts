import { ShardmillError } from '@shardmill/core';
import { describe, expect, it } from 'vitest';
import { describeShrunkCalls, shrinkCalls } from './shrink-calls.js';

const noRoom = new ShardmillError('ENGINE_OUT_OF_MEMORY', 'the limit');
const settings = { lanes: 4, tuneCalls: true };

describe('after an engine that had no room', () => {
  it.each([
    [64, 4, 32, 4],
    [3, 4, 1, 4],
    [1, 4, 1, 2],
    [1, 2, 1, 1],
    [undefined, 2, undefined, 1],
  ])('calls of %s rows in %s lanes become %s rows in %s lanes', (rows, lanes, fewer, left) => {
    const shrunk = shrinkCalls(noRoom, { ...settings, lanes }, rows);
    expect(shrunk?.after).toEqual({ rows: fewer, lanes: left });
  });

  it('nothing is halved where one row in one lane is left, or where the job gives the rows', () => {
    expect(shrinkCalls(noRoom, { ...settings, lanes: 1 }, 1)).toBeUndefined();
    expect(shrinkCalls(noRoom, { ...settings, tuneCalls: false }, 64)).toBeUndefined();
  });

  it('a device without room is the same, and another end is not', () => {
    const device = new ShardmillError('DEVICE_OUT_OF_MEMORY', 'cuda');
    expect(shrinkCalls(device, settings, 64)?.after.rows).toBe(32);
    expect(shrinkCalls(new ShardmillError('ENGINE_CRASHED', ''), settings, 64)).toBeUndefined();
    expect(shrinkCalls(undefined, settings, 64)).toBeUndefined();
  });

  it('it is said what changes', () => {
    const says = (rows: number | undefined, lanes = 2): string =>
      describeShrunkCalls(
        shrinkCalls(noRoom, { ...settings, lanes }, rows) ?? {
          before: { rows, lanes },
          after: { rows, lanes },
        },
      );
    expect(says(64)).toBe(
      'the engine had no room in calls of 64 rows; the next one has at most 32 rows a call',
    );
    expect(says(1)).toBe(
      'the engine had no room in calls of 1 row; the next one has 1 instead of 2 lanes',
    );
    expect(says(undefined)).toBe(
      'the engine had no room with 2 lanes; the next one has 1 instead of 2 lanes',
    );
  });
});
