import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EngineState, placeShards, SHARDS_PER_ENGINE } from './place-shards.js';

const engine = (run: string | undefined, ...shards: number[]): EngineState => ({
  run,
  shards,
  retiring: false,
  usedAt: 0,
});
const waits = (run: string, shard = 9) => ({ run, shard });

describe('a waiting shard', () => {
  test('goes to the engine that has its run open', () => {
    expect(placeShards([engine(undefined), engine('a', 1)], [waits('a')])).toEqual([1]);
    expect(placeShards([engine('b'), engine('a')], [waits('a')])).toEqual([1]);
  });

  test('goes to the one with fewer shards', () => {
    expect(placeShards([engine('a', 1), engine('a')], [waits('a')])).toEqual([1]);
  });

  test('goes to an empty engine, best to one that has no run, else to the least used', () => {
    expect(placeShards([engine('b'), engine(undefined)], [waits('a')])).toEqual([1]);
    const used = [
      { ...engine('b'), usedAt: 7 },
      { ...engine('c'), usedAt: 3 },
    ];
    expect(placeShards(used, [waits('a')])).toEqual([1]);
  });

  test('goes to another engine of its run where the first is full', () => {
    expect(placeShards([engine('a', 1, 2), engine('b')], [waits('a')])).toEqual([1]);
  });

  test('waits where every engine is full or has another run', () => {
    expect(placeShards([engine('a', 1, 2), engine('b', 1)], [waits('a'), waits('c')])).toEqual([
      undefined,
      undefined,
    ]);
  });

  test('does not go beside itself: it may still be on its way out', () => {
    expect(placeShards([engine('a', 9)], [waits('a', 9)])).toEqual([undefined]);
    expect(placeShards([engine('a', 9), engine(undefined)], [waits('a', 9)])).toEqual([1]);
  });

  test('does not go to an engine that is to be replaced before that is empty', () => {
    const retiring = { ...engine('a', 1), retiring: true };
    expect(placeShards([retiring], [waits('a')])).toEqual([undefined]);
    expect(placeShards([{ ...retiring, shards: [] }], [waits('a')])).toEqual([0]);
  });

  test('of a run that is open nowhere is not passed by for ever', () => {
    const engines = [engine('a', 1)];
    expect(placeShards(engines, [waits('b'), waits('a', 2)])).toEqual([undefined, undefined]);
    expect(placeShards([engine('a')], [waits('b'), waits('a', 2)])).toEqual([0, undefined]);
  });

  test('keeps one engine for itself, and the others go on', () => {
    const engines = [engine('a', 1, 2), engine('a', 3)];
    expect(placeShards(engines, [waits('b'), waits('a', 4)])).toEqual([undefined, undefined]);
    const more = [engine('a', 1), engine('a', 3)];
    expect(placeShards(more, [waits('b'), waits('a', 4), waits('a', 5)])).toEqual([
      undefined,
      1,
      undefined,
    ]);
  });
});

const states = fc.array(
  fc.record({
    run: fc.constantFrom(undefined, 'a', 'b', 'c'),
    shards: fc.uniqueArray(fc.nat(20), { maxLength: SHARDS_PER_ENGINE }),
    retiring: fc.boolean(),
    usedAt: fc.nat(9),
  }),
  { minLength: 1, maxLength: 4 },
);
const waiting = fc.array(
  fc.record({ run: fc.constantFrom('a', 'b', 'c'), shard: fc.integer({ min: 21, max: 99 }) }),
  { maxLength: 8 },
);

test('no engine ever has too many shards, or shards of two runs', () => {
  fc.assert(
    fc.property(states, waiting, (engines, queue) => {
      const places = placeShards(engines, queue);
      for (const [index, state] of engines.entries()) {
        const added = queue.filter((_, at) => places[at] === index);
        expect(state.shards.length + added.length).toBeLessThanOrEqual(SHARDS_PER_ENGINE);
        if (added.length === 0) continue;
        expect(new Set(added.map(({ run }) => run)).size).toBe(1);
        if (state.shards.length > 0) expect(added[0]?.run).toBe(state.run);
      }
    }),
  );
});

test('every shard is placed within as many ends of shards as there are places', () => {
  fc.assert(
    fc.property(states, waiting, (start, queue) => {
      // A shard that ends is followed by a new one of a run that is open: the worst for the others.
      let engines: EngineState[] = start.map((state) => ({ ...state, retiring: false }));
      let left = queue.map((one, index) => ({ ...one, shard: 100 + index }));
      const patient = left.length;
      let fresh = 1000;
      for (let round = 0; round < 4 * patient + 4; round++) {
        const places = placeShards(engines, left);
        engines = engines.map((state, index) => {
          const added = left.filter((_, at) => places[at] === index);
          const run = added[0]?.run ?? state.run;
          return { ...state, run, shards: [...state.shards, ...added.map(({ shard }) => shard)] };
        });
        left = left.filter((_, at) => places[at] === undefined);
        engines = engines.map((state) => ({ ...state, shards: state.shards.slice(1) }));
        left.push({ run: 'a', shard: fresh++ });
      }
      expect(left.filter(({ shard }) => shard < 1000)).toEqual([]);
    }),
  );
});
