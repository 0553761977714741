import { describe, expect, it } from 'vitest';
import { CallSize, type CallSizeOptions, type KnownCall } from './call-size.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

interface Model {
  readonly msPerRow: (rows: number) => number;
  /** Memory of a call; ONNX Runtime keeps what it had. */
  readonly bytes?: (rows: number) => number;
}

interface Found {
  readonly rows: number;
  readonly batchRows: number;
  /** Rows of all calls until the size was found. */
  readonly tried: number[];
  readonly residentBytes: number;
  readonly known: KnownCall | undefined;
}

/** Lets a model's calls run, one in each lane, until the size is found. */
function find(model: Model, change: Partial<CallSizeOptions> = {}, maxCalls = 1000): Found {
  const options = { maxRows: 8192, lanes: 2, memoryBytes: 4 * GIB, onDevice: false, ...change };
  let resident = 300 * MIB;
  let known: KnownCall | undefined;
  const size = new CallSize(options, resident);
  size.onSettled = (found) => (known = found);
  const tried: number[] = [];
  const held = Array.from({ length: options.lanes }, () => 0);
  for (let call = 0; call < maxCalls && !size.settled; call++) {
    const rows = size.batchRows;
    const lane = call % options.lanes;
    const bytes = model.bytes?.(rows) ?? 0;
    const grownBytes = Math.max(0, bytes - (held[lane] ?? 0));
    held[lane] = Math.max(held[lane] ?? 0, bytes);
    resident += grownBytes;
    const milliseconds = rows * model.msPerRow(rows);
    size.record({ callRows: size.rows, rows, milliseconds, grownBytes }, resident);
    tried.push(rows);
  }
  const { rows, batchRows } = size;
  return { rows, batchRows, tried, residentBytes: resident, known };
}

/** An encoder: best at 32 rows, a little worse with more. */
const encoder: Model = {
  msPerRow: (rows) => 14 * (rows < 32 ? 1 + 0.8 / rows : 1 + 0.0015 * rows),
};

describe('the rows of one call', () => {
  it('begin with one and grow while rows per second do', () => {
    const { rows, tried } = find(encoder);
    expect(tried[0]).toBe(1);
    expect(Math.max(...tried)).toBeLessThanOrEqual(64);
    expect(rows).toBe(32);
  });

  it('never make calls of much more than a second', () => {
    const { tried } = find({ msPerRow: (rows) => 400 * (1 + 10 / rows) });
    expect(Math.max(...tried)).toBe(1);
    expect(Math.max(...find({ msPerRow: (rows) => 40 * (1 + 10 / rows) }).tried)).toBe(4);
  });

  it('are those that are fastest where all are cheap', () => {
    const mlp = (best: number): Model => ({
      msPerRow: (rows) => 0.0005 * (1 + Math.abs(Math.log2(rows / best)) / 10) + 0.01 / rows,
    });
    for (const best of [512, 1024, 4096]) expect(find(mlp(best)).rows).toBe(best);
  });

  it('are a whole batch where more rows are never slower', () => {
    const { rows, batchRows } = find({ msPerRow: (n) => 0.0001 + 0.01 / n });
    expect(rows).toBe(8192);
    expect(batchRows).toBe(8192);
    expect(find({ msPerRow: (n) => 0.0001 + 0.01 / n }, { maxRows: 5000 }).rows).toBe(5000);
  });

  it('are not decided by calls that were disturbed', () => {
    let call = 0;
    const { rows } = find({ msPerRow: (n) => encoder.msPerRow(n) * (++call % 3 === 0 ? 4 : 1) });
    expect(rows).toBe(32);
  });

  it.each([
    ['grows with the rows', 40 * MIB],
    ['is much for one row', 600 * MIB],
  ])('stay within the memory where it %s', (_what, bytesPerRow) => {
    const model = {
      msPerRow: (rows: number) => 1 + 10 / rows,
      bytes: (n: number) => n * bytesPerRow,
    };
    const { rows, residentBytes } = find(model, { memoryBytes: 2 * GIB });
    expect(residentBytes).toBeLessThanOrEqual(2 * GIB);
    // All of it is of use, but for the room that twice as much would need.
    if (bytesPerRow < 100 * MIB) expect(rows).toBeGreaterThanOrEqual(4);
    else expect(rows).toBe(1);
  });

  it('are as many with little memory where the model needs none', () => {
    const cheap = { msPerRow: (n: number) => 0.0001 + 0.01 / n, bytes: () => 12 * MIB };
    expect(find(cheap, { memoryBytes: 330 * MIB }).rows).toBe(8192);
  });

  it('do not become more once there was no room', () => {
    const size = new CallSize(
      { maxRows: 8192, lanes: 1, memoryBytes: GIB, onDevice: true },
      300 * MIB,
    );
    expect(size.rows).toBe(32);
    size.limit(16);
    expect(size).toMatchObject({ rows: 16, settled: true });
    size.limit(64);
    expect(size.rows).toBe(16);
  });

  it('begin with half of what an earlier process found, if there is room for it now', () => {
    const { known } = find(encoder);
    const again = find(encoder, { known });
    expect(again.tried[0]).toBe(16);
    expect(again.rows).toBe(known?.rows);
    const large = { rows: 64, callMs: 500, bytes: 3 * GIB };
    expect(find(encoder, { known: large }).tried[0]).toBe(1);
    expect(find(encoder, { known: { rows: 1, callMs: 20, bytes: 0 } }).tried[0]).toBe(1);
  });

  it.each([1, 2, 256])('are found again where an earlier process found %i, wrongly', (rows) => {
    // As on a machine that was busy with other work: the times say nothing now.
    const { rows: found } = find(encoder, { known: { rows, callMs: rows * 20, bytes: 0 } });
    expect(found).toBeGreaterThanOrEqual(32);
    expect(found).toBeLessThanOrEqual(Math.max(32, rows / 2));
  });

  it('are what an earlier process found on a device, which is not asked for others', () => {
    const known = { rows: 64, callMs: 500, bytes: 0 };
    expect(find(encoder, { known, onDevice: true })).toMatchObject({ rows: 64, tried: [] });
  });

  it('are searched for again, a few times, where calls are twice as fast as when they were found', () => {
    // Found on a device that gave a tenth of its time.
    const known = { rows: 2, callMs: 400, bytes: 0 };
    const size = new CallSize(
      { maxRows: 8192, lanes: 1, memoryBytes: 4 * GIB, onDevice: true, known },
      300 * MIB,
    );
    const kept: number[] = [];
    size.onSettled = ({ rows }) => kept.push(rows);
    const call = (slower: number): void => {
      const { rows } = size;
      const milliseconds = rows * encoder.msPerRow(rows) * slower;
      size.record({ callRows: rows, rows, milliseconds, grownBytes: 0 }, 300 * MIB);
    };
    for (let n = 0; n < 50; n++) call(8);
    expect(size).toMatchObject({ rows: 2, settled: true });
    for (let n = 0; n < 200; n++) call(1);
    expect(size).toMatchObject({ rows: 32, settled: true });
    expect(kept).toEqual([32]);
    for (let n = 1; n < 20; n++) for (let k = 0; k < 100; k++) call(0.4 ** n);
    expect(size.settled).toBe(true);
    expect(kept.length).toBeLessThanOrEqual(4);
  });

  it('are fixed where the model fixes them; batches grow to half a second of work', () => {
    const size = new CallSize(
      { maxRows: 8192, fixedRows: 4, lanes: 1, memoryBytes: GIB, onDevice: false },
      0,
    );
    expect(size).toMatchObject({ rows: 4, batchRows: 4 });
    size.record({ callRows: 4, rows: 4, milliseconds: 40, grownBytes: 0 }, 0);
    expect(size).toMatchObject({ rows: 4, batchRows: 48 });
  });
});

describe('a batch', () => {
  it('is a few calls of half a second together once the size is known', () => {
    const { rows, batchRows } = find({ msPerRow: (n) => 2 * (1 + 4 / n) * (n > 64 ? 1.5 : 1) });
    expect(rows).toBe(64);
    expect(batchRows % rows).toBe(0);
    expect(batchRows).toBeGreaterThan(rows);
    expect(batchRows * 2).toBeLessThanOrEqual(500);
  });
});
