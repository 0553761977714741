import { NotForKernelError } from '../not-for-kernel.js';
import { makeBucketTable, ROUNDING } from './bucket-table.js';
import type { MemoryLayout } from './memory-layout.js';

/**
 * How the kernels find ranks in a column: 32 bytes at the head of its descriptor. Those that use it
 * add what they need behind.
 */
export const ColumnTable = {
  /** Address of the column's values. */
  values: 0,
  count: 4,
  thresholds: 8,
  /** Address of the table of 16-bit ranks, less what `ROUNDING` is as an integer, twice. */
  table: 12,
  lastBucket: 16,
  scale: 20,
  offset: 24,
  bytes: 28,
} as const;

const ROUNDING_BITS = new Int32Array(Float32Array.of(ROUNDING).buffer)[0] ?? 0;

/** Ranks have 16 bits, and the last one stands for a leaf where trees are walked. */
const MAX_THRESHOLDS = 0xfffe;

export interface PlacedTable {
  /** Comparisons behind the table of buckets. */
  readonly steps: number;
  /** Writes the head of a descriptor. */
  readonly write: (descriptor: DataView, at: number, values: number) => void;
}

/** @throws NotForKernelError for more thresholds than 16 bits can count */
export function placeColumnTable(memory: MemoryLayout, thresholds: Float32Array): PlacedTable {
  if (thresholds.length > MAX_THRESHOLDS) {
    throw new NotForKernelError(
      `a feature has ${thresholds.length} thresholds, more than ${MAX_THRESHOLDS}`,
    );
  }
  const table = makeBucketTable(thresholds);
  // Steps of halving may look at places behind the end.
  const padded = new Float32Array(thresholds.length + 2 ** table.steps).fill(Infinity);
  padded.set(thresholds);
  const thresholdsAt = memory.place(padded, 4);
  const tableAt = memory.place(table.below, 4);
  return {
    steps: table.steps,
    write: (descriptor, at, values) => {
      descriptor.setInt32(at + ColumnTable.values, values, true);
      descriptor.setInt32(at + ColumnTable.count, thresholds.length, true);
      descriptor.setInt32(at + ColumnTable.thresholds, thresholdsAt, true);
      descriptor.setInt32(at + ColumnTable.table, (tableAt - 2 * ROUNDING_BITS) | 0, true);
      descriptor.setFloat32(at + ColumnTable.lastBucket, table.below.length - 1, true);
      descriptor.setFloat32(at + ColumnTable.scale, table.scale, true);
      descriptor.setFloat32(at + ColumnTable.offset, table.offset, true);
    },
  };
}
