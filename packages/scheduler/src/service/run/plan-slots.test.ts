import { describe, expect, it } from 'vitest';
import { PlanSlots } from './plan-slots.js';

function slotsOf(limit: number) {
  const clock = { now: 0 };
  const slots = new PlanSlots(
    limit,
    () => clock.now,
    () => {},
  );
  const take = (name: string): (() => void) | undefined => {
    clock.now++;
    return slots.take({ run: name, submitter: name.charAt(0) });
  };
  return { slots, clock, take };
}

describe('slots for planning', () => {
  it('are as many as there may be, and are given back once', () => {
    const { take } = slotsOf(2);
    const [first, second] = [take('a1'), take('b1')];
    expect(second).toBeDefined();
    expect(take('c1')).toBeUndefined();
    first?.();
    first?.();
    expect(take('c1')).toBeDefined();
    expect(take('d1')).toBeUndefined();
  });

  it('are never all of one submitter', () => {
    const { take } = slotsOf(3);
    take('a1');
    take('a2');
    expect(take('a3')).toBeUndefined();
    expect(take('b1')).toBeDefined();
  });

  it('go to the submitter who has the fewest, whoever asks first', () => {
    const { take } = slotsOf(3);
    const [first] = [take('a1'), take('a2'), take('b1')];
    expect(take('a3')).toBeUndefined();
    expect(take('c1')).toBeUndefined();
    first?.();
    expect(take('a3')).toBeUndefined();
    expect(take('c1')).toBeDefined();
  });

  it('go to whoever waited longest among equals', () => {
    const { take } = slotsOf(1);
    const first = take('a1');
    take('b1');
    take('c1');
    first?.();
    expect(take('c1')).toBeUndefined();
    expect(take('b1')).toBeDefined();
  });

  it('wait for nobody who has left, or who does not ask any more', () => {
    const { slots, clock, take } = slotsOf(1);
    const first = take('a1');
    take('b1');
    take('c1');
    first?.();
    slots.leave('b1');
    const third = take('c1');
    expect(third).toBeDefined();
    take('d1');
    third?.();
    clock.now += 40_000;
    expect(take('e1')).toBeDefined();
  });
});
