import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BatchResult,
  type LaneState,
  newLaneState,
  runBatch,
  type RunModel,
} from './run-batch.js';
import type { BatchTensor } from '../onnx/batch-tensor.js';

/** Rows of one float, which is also the expected output. */
function feedOf(values: readonly number[]): BatchTensor {
  return { name: 'x', type: 'float32', rowShape: [1], width: 1, data: Float32Array.from(values) };
}

interface Model {
  readonly run: RunModel;
  /** Rows of every call. */
  readonly calls: number[];
}

/** A model that gives each row's value back, and throws as `fault` says. */
function modelOf(fault: (values: readonly number[]) => string | undefined): Model {
  const calls: number[] = [];
  return {
    calls,
    run: async ([feed], rows) => {
      const values = Array.from(feed?.data ?? [], Number);
      if (values.length !== rows) throw new RangeError(`${values.length} values, ${rows} rows`);
      calls.push(rows);
      const message = fault(values);
      if (message !== undefined) throw new Error(message);
      return [{ ...feedOf(values), name: 'y' }];
    },
  };
}

const failsOn = (...bad: number[]): Model =>
  modelOf((values) => (values.some((v) => bad.includes(v)) ? 'indices out of bounds' : undefined));
const holds = (rows: number): Model =>
  modelOf((values) => (values.length > rows ? 'std::bad_alloc' : undefined));

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const score = (
  { run }: Model,
  values: readonly number[],
  state: LaneState = newLaneState(),
  fixedRows?: number,
): Promise<BatchResult> => runBatch(run, [feedOf(values)], values.length, state, fixedRows);
const outputOf = ({ outputs: [y] }: BatchResult): number[] => Array.from(y?.data ?? [], Number);

describe('a batch that the model takes', () => {
  it('is one call, whose outputs are handed on', async () => {
    const model = failsOn();
    const result = await score(model, range(100));
    expect(model.calls).toEqual([100]);
    expect(outputOf(result)).toEqual(range(100));
    expect(result.failures).toEqual([]);
  });

  it('may be less than the feeds hold', async () => {
    const model = failsOn();
    const result = await runBatch(model.run, [feedOf(range(10))], 3, newLaneState());
    expect(outputOf(result)).toEqual([0, 1, 2]);
  });
});

describe('a batch that must be one call', () => {
  const undivided = (
    { run }: Model,
    values: readonly number[],
    state: LaneState = newLaneState(),
  ): Promise<BatchResult> => runBatch(run, [feedOf(values)], values.length, state, undefined, true);

  it('is one, whatever rows were found to be fast or to fit', async () => {
    const model = failsOn();
    const state = { ...newLaneState(), runRows: 3, safeRows: 5 };
    expect(outputOf(await undivided(model, range(10), state))).toEqual(range(10));
    expect(model.calls).toEqual([10]);
  });

  it('fails as a whole where the model throws for a row', async () => {
    const model = failsOn(4);
    const { failures, outputs } = await undivided(model, range(40));
    expect(model.calls).toEqual([40]);
    expect(outputs).toEqual([]);
    expect(failures.map(({ row }) => row)).toEqual(range(40));
    expect(failures[0]?.message).toContain('indices out of bounds');
  });

  it('is not halved where it does not fit: then another machine would score it otherwise', async () => {
    const model = holds(5);
    await expect(undivided(model, range(10))).rejects.toMatchObject({
      code: 'ENGINE_OUT_OF_MEMORY',
      message: expect.stringContaining('10 rows, which the job fixes, do not fit'),
    });
    expect(model.calls).toEqual([10]);
  });
});

describe('a batch with rows that the model throws for', () => {
  it('is halved until they stand alone; the others are scored', async () => {
    const result = await score(failsOn(0, 5, 6, 99), range(100));
    expect(result.failures.map(({ row }) => row)).toEqual([0, 5, 6, 99]);
    expect(result.failures[0]?.message).toBe('indices out of bounds');
    const bad = new Set([0, 5, 6, 99]);
    expect(outputOf(result)).toEqual(range(100).map((v) => (bad.has(v) ? 0 : v)));
  });

  it('finds exactly those rows, wherever they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 80 }),
        fc.array(fc.nat(79), { maxLength: 12 }),
        fc.option(fc.integer({ min: 1, max: 16 }), { nil: undefined }),
        async (rows, bad, fixedRows) => {
          const values = range(rows);
          const state = { ...newLaneState(), succeeded: true };
          const result = await score(failsOn(...bad), values, state, fixedRows);
          const expected = values.filter((v) => bad.includes(v));
          expect(result.failures.map(({ row }) => row)).toEqual(expected);
          if (expected.length === rows) return;
          expect(outputOf(result)).toEqual(values.map((v) => (bad.includes(v) ? 0 : v)));
        },
      ),
    );
  });

  it('costs about two calls per halving and bad row', async () => {
    const model = failsOn(77);
    await score(model, range(1024));
    expect(model.calls.length).toBeLessThanOrEqual(1 + 2 * 10);
  });

  it('has texts for outputs, too', async () => {
    const run: RunModel = async ([feed], rows) => {
      if (Array.from(feed?.data ?? [], Number).includes(1)) throw new Error('no');
      const data = Array.from({ length: rows }, () => 'text');
      return [{ name: 'y', type: 'string', rowShape: [], width: 1, data }];
    };
    const { outputs, failures } = await runBatch(run, [feedOf([0, 1, 2])], 3, newLaneState());
    expect(outputs[0]?.data).toEqual(['text', '', 'text']);
    expect(failures).toHaveLength(1);
  });

  it('without any good row has no outputs', async () => {
    const { outputs, failures } = await score(failsOn(0, 1, 2), range(3));
    expect(outputs).toEqual([]);
    expect(failures.map(({ row }) => row)).toEqual([0, 1, 2]);
  });
});

describe('a model that throws for every row', () => {
  const hopeless = (): Model => modelOf(() => 'no kernel');

  it('is given up after a few rows', async () => {
    const model = hopeless();
    await expect(score(model, range(8192))).rejects.toMatchObject({
      code: 'MODEL_RUN_FAILED',
      message: expect.stringContaining('no kernel'),
    });
    expect(model.calls.length).toBeLessThan(100);
  });

  it('is given up in small batches, too, once enough rows have failed', async () => {
    const state = newLaneState();
    const model = hopeless();
    expect((await score(model, range(7), state)).failures).toHaveLength(7);
    expect((await score(model, range(7), state)).failures).toHaveLength(7);
    await expect(score(model, range(7), state)).rejects.toMatchObject({ code: 'MODEL_RUN_FAILED' });
  });

  it('is not what a run of bad rows makes of it, at either end of a batch', async () => {
    const bad = [...range(20), ...range(20).map((v) => 80 + v)];
    const { failures } = await score(failsOn(...bad), range(100));
    expect(failures.map(({ row }) => row)).toEqual(bad);
  });

  it('is not what bad rows make of it after a good one', async () => {
    const state = newLaneState();
    await score(failsOn(), [1], state);
    expect((await score(hopeless(), range(40), state)).failures).toHaveLength(40);
  });
});

describe('a batch that does not fit in memory', () => {
  it('is halved, and the size that fits is remembered', async () => {
    const state = newLaneState();
    const model = holds(10);
    expect(outputOf(await score(model, range(64), state))).toEqual(range(64));
    expect(state.safeRows).toBe(8);
    model.calls.length = 0;
    expect(outputOf(await score(model, range(64), state))).toEqual(range(64));
    expect(model.calls).toEqual(range(8).map(() => 8));
  });

  it('rejects no row', async () => {
    expect((await score(holds(1), range(33))).failures).toEqual([]);
  });

  it('is an error where one row alone does not fit', async () => {
    await expect(score(holds(0), range(4))).rejects.toMatchObject({ code: 'ENGINE_OUT_OF_MEMORY' });
  });
});

describe('a batch that has no room on the device', () => {
  const ARENA =
    'BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of size 8';
  const roomFor = (rows: number, ...bad: number[]): Model =>
    modelOf((values) => {
      if (values.length > rows) return ARENA;
      return values.some((v) => bad.includes(v)) ? 'indices out of bounds' : undefined;
    });

  it('is cut into calls of the size that fits, which is remembered', async () => {
    const state = newLaneState('cuda');
    expect(outputOf(await score(roomFor(10), range(64), state))).toEqual(range(64));
    expect(state.safeRows).toBe(8);
  });

  it('is cut evenly where the size was learned with another batch', async () => {
    const model = roomFor(10);
    const state = { ...newLaneState('cuda'), safeRows: 10 };
    expect(outputOf(await score(model, range(32), state))).toEqual(range(32));
    expect(model.calls).toEqual([8, 8, 8, 8]);
  });

  it('does not hide the rows that the model throws for, nor do they make it smaller', async () => {
    const state = newLaneState('cuda');
    const { failures } = await score(roomFor(16, 3, 40), range(64), state);
    expect(failures.map(({ row }) => row)).toEqual([3, 40]);
    expect(state.safeRows).toBe(16);
  });

  it('is an error of the device where one row alone has no room', async () => {
    await expect(score(roomFor(0), range(4), newLaneState('cuda'))).rejects.toMatchObject({
      code: 'DEVICE_OUT_OF_MEMORY',
      message: expect.stringContaining('one row does not fit: BFCArena'),
    });
  });

  it('is an error at once where the model fixes the rows of a batch', async () => {
    const model = roomFor(3);
    await expect(score(model, range(8), newLaneState('cuda'), 4)).rejects.toMatchObject({
      code: 'DEVICE_OUT_OF_MEMORY',
      message: expect.stringContaining('4 rows, which the model fixes, do not fit'),
    });
    expect(model.calls).toEqual([4]);
  });

  it('is distinguished from a model that throws for every row', async () => {
    let calls = 0;
    const run: RunModel = async () => {
      throw new Error(++calls <= 46 ? 'no kernel' : ARENA);
    };
    await expect(
      runBatch(run, [feedOf(range(32))], 32, newLaneState('cuda')),
    ).rejects.toMatchObject({ code: 'DEVICE_OUT_OF_MEMORY' });
  });
});

describe('a device that is lost', () => {
  it('is an error at once, with no row at fault', async () => {
    const model = modelOf(() => 'CUDA failure 700: an illegal memory access was encountered');
    await expect(score(model, range(64), newLaneState('cuda'))).rejects.toMatchObject({
      code: 'ENGINE_CRASHED',
      message: expect.stringContaining('the device was lost: CUDA failure 700'),
    });
    expect(model.calls).toEqual([64]);
  });
});

describe('a model with a fixed batch dimension', () => {
  it('gets batches of just that size, the last one padded', async () => {
    const model = failsOn();
    expect(outputOf(await score(model, range(10), newLaneState(), 4))).toEqual(range(10));
    expect(model.calls).toEqual([4, 4, 4]);
  });

  it('is padded with the last row, which cannot fail where the row itself does not', async () => {
    const seen: number[][] = [];
    const model = modelOf((values) => {
      seen.push([...values]);
      return undefined;
    });
    await score(model, [7, 8, 9], newLaneState(), 5);
    expect(seen).toEqual([[7, 8, 9, 9, 9]]);
  });

  it('has bad rows found in padded pieces', async () => {
    const { failures } = await score(failsOn(2, 9), range(10), newLaneState(), 4);
    expect(failures.map(({ row }) => row)).toEqual([2, 9]);
  });

  it('does not halve without end what does not fit in memory', async () => {
    await expect(score(holds(3), range(8), newLaneState(), 4)).rejects.toMatchObject({
      code: 'ENGINE_OUT_OF_MEMORY',
    });
  });

  it('pads wide rows, integers and texts by whole rows', async () => {
    let seen: unknown[][] = [];
    const run: RunModel = async (feeds) => {
      seen = feeds.map(({ data }) => [...data]);
      return [];
    };
    const feeds: BatchTensor[] = [
      { name: 'a', type: 'int64', rowShape: [2], width: 2, data: BigInt64Array.of(1n, 2n, 3n, 4n) },
      { name: 'b', type: 'string', rowShape: [], width: 1, data: ['x', 'y'] },
    ];
    await runBatch(run, feeds, 2, newLaneState(), 4);
    expect(seen).toEqual([
      [1n, 2n, 3n, 4n, 3n, 4n, 3n, 4n],
      ['x', 'y', 'y', 'y'],
    ]);
  });
});

describe('outputs that cannot be put together', () => {
  it('are an error: another width in another piece', async () => {
    const run: RunModel = async ([feed], rows) => {
      const values = Array.from(feed?.data ?? [], Number);
      if (rows > 1) throw new Error('one at a time');
      const width = (values[0] ?? 0) + 1;
      return [{ ...feedOf(range(width)), name: 'y', rowShape: [width], width }];
    };
    await expect(runBatch(run, [feedOf([0, 1])], 2, newLaneState())).rejects.toMatchObject({
      code: 'MODEL_OUTPUT_SHAPE',
      message: 'output "y" has 1 values per row in one batch and 2 in another',
    });
  });
});
