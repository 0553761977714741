import { setImmediate as tick } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mapInOrder } from './map-in-order.js';

async function* upTo(count: number, fail?: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) {
    if (i === fail) throw new Error(`no ${i}`);
    yield i;
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('mapping in order', () => {
  it.each([1, 3, 100])('keeps the order and at most %i at a time', async (limit) => {
    let [running, peak] = [0, 0];
    const work = async (item: number): Promise<number> => {
      peak = Math.max(peak, ++running);
      for (let i = 0; i < (item * 7) % 5; i++) await tick();
      running--;
      return item * 2;
    };
    const doubled = await collect(mapInOrder(upTo(20), limit, work));
    expect(doubled).toEqual(Array.from({ length: 20 }, (_, i) => i * 2));
    expect(peak).toBeLessThanOrEqual(limit);
    expect(peak).toBeGreaterThan(limit === 1 ? 0 : 1);
  });

  it('throws the first failure in the order, be it of the work or of the items', async () => {
    const work = async (item: number): Promise<number> => {
      if (item === 2) throw new Error('two');
      return item;
    };
    await expect(collect(mapInOrder(upTo(20), 4, work))).rejects.toThrow('two');
    await expect(collect(mapInOrder(upTo(20, 5), 4, async (i) => i))).rejects.toThrow('no 5');
  });
});
