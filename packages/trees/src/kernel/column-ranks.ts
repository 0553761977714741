import { ROUNDING } from '../layout/bucket-table.js';
import { ColumnTable } from '../layout/column-table.js';
import { f32, f32x4, i32, i32x4, type Local, v128 } from '../wasm/expressions.js';
import type { FunctionBody } from '../wasm/function-body.js';

/** What finding ranks in one column needs, in local variables. */
export interface RankFinder {
  /**
   * Finds the ranks of the four values at an address.
   * @param ranks four locals of i32 that they are put into
   */
  find(address: Local, ranks: readonly Local[]): void;
}

/**
 * Code that finds how many thresholds of a column are below a value (see `bucket-table.ts`).
 * A NaN has rank 0.
 * @param descriptor address of the column's descriptor
 * @param steps comparisons behind the table, at least 1
 */
export function rankFinder(body: FunctionBody, descriptor: Local, steps: number): RankFinder {
  const [scale, offset, last] = body.locals(3, 'v128') as [Local, Local, Local];
  const [thresholds, table] = body.locals(2, 'i32') as [Local, Local];
  const buckets = body.local('v128');
  const value = body.local('f32');
  body.set(scale, v128.loadSplat(descriptor, ColumnTable.scale));
  body.set(offset, v128.loadSplat(descriptor, ColumnTable.offset));
  body.set(last, v128.loadSplat(descriptor, ColumnTable.lastBucket));
  body.set(thresholds, i32.load(descriptor, ColumnTable.thresholds));
  body.set(table, i32.load(descriptor, ColumnTable.table));
  const zero = v128.ofByte(0);
  const rounding = v128.splatF32(f32.constant(ROUNDING));
  return {
    find(address, ranks) {
      const linear = f32x4.add(f32x4.multiply(v128.load(address), scale), offset);
      // In this order of operands, NaN becomes 0.
      const clamped = f32x4.pseudoMinimum(last, f32x4.pseudoMaximum(zero, linear));
      body.set(buckets, f32x4.add(clamped, rounding));
      for (const [i, rank] of ranks.entries()) {
        const bucket = i32x4.extractLane(buckets, i);
        body.set(rank, i32.load16(i32.add(table, i32.shiftLeft(bucket, 1))));
      }
      for (const [i, rank] of ranks.entries()) {
        body.set(value, f32.load(address, 4 * i));
        for (let step = steps - 1; step >= 0; step--) {
          const threshold = i32.add(thresholds, i32.shiftLeft(rank, 2));
          const above = f32.greater(value, f32.load(threshold, 4 * (2 ** step - 1)));
          body.add(rank, step === 0 ? above : i32.shiftLeft(above, step));
        }
      }
    },
  };
}
