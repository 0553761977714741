import type { Nodes } from '../ensemble/ensemble.js';
import { ColumnTable, placeColumnTable } from './column-table.js';
import type { MemoryLayout } from './memory-layout.js';
import { type ThresholdColumn, distinctThresholds } from './thresholds.js';

/** Rows of one mask: a bit each. */
export const GROUP_ROWS = 128;
/** Masks of one threshold stand together: one for each group of a block. */
export const GROUPS = 4;
export const MASK_BYTES = GROUP_ROWS / 8;
const SLOT_BYTES = MASK_BYTES * GROUPS;

/** Up to here, comparing with each threshold is cheaper than finding ranks. */
const MAX_COMPARED = 14;

/** Descriptor of a column in front of the masks: the head of `ColumnTable`, and behind it: */
export const MaskColumn = {
  /** Address of the first threshold's masks. */
  masks: ColumnTable.bytes,
  /** 1 where NaN is above every threshold. */
  nanAbove: ColumnTable.bytes + 4,
  /** 1 where NaN rows matter. */
  nanMatters: ColumnTable.bytes + 8,
  /** Masks with the NaN rows added: how many, and where pairs of addresses, from and to, begin. */
  copies: ColumnTable.bytes + 12,
  pairs: ColumnTable.bytes + 16,
  bytes: ColumnTable.bytes + 20,
} as const;

export interface MaskPlan {
  /** Address of the mask of group 0 for each node that was given, in that order. */
  readonly addresses: Int32Array;
  readonly runs: readonly ColumnRun[];
  /** The greatest number of thresholds of a column. */
  readonly most: number;
}

/** Descriptors that follow each other, of columns that are treated alike. */
interface ColumnRun {
  /** Comparisons behind the table of buckets; 0: each threshold is compared. */
  readonly steps: number;
  readonly descriptors: number;
  readonly columns: number;
}

/**
 * A mask says of 128 rows whether their value is greater than a threshold: QuickScorer's
 * comparison of one threshold with many rows, done once for all nodes that have it. Row `i` of a
 * group is bit `i >> 4` of byte `i & 15`.
 *
 * NaN is above all thresholds of a column or below them. Where its nodes do not agree, it is below,
 * and nodes that have it above get a copy of the mask with the NaN rows added.
 * @param nodes that are evaluated by bits
 * @param valuesOf address of a feature's values
 */
export function planMasks(
  memory: MemoryLayout,
  all: Nodes,
  nodes: Int32Array,
  valuesOf: (feature: number) => number,
): MaskPlan {
  const { columns, numbers } = distinctThresholds(nodes, all.feature, all.threshold);
  const byFeature: (MaskedColumn | undefined)[] = [];
  for (const column of columns) {
    const masks = memory.reserve(SLOT_BYTES * column.thresholds.length, 64);
    byFeature[column.column] = {
      ...column,
      masks,
      right: false,
      left: false,
      copies: new Map(),
    };
  }
  const columnOf = (node: number): MaskedColumn | undefined => byFeature[all.feature[node] ?? 0];
  for (const node of nodes) {
    const column = columnOf(node);
    if (column === undefined) continue;
    if (all.nanRight[node] === 1) column.right = true;
    else column.left = true;
  }
  const addresses = nodes.map((node, i) => {
    const column = columnOf(node);
    if (column === undefined) return 0;
    const number = numbers[i] ?? 0;
    const mask = column.masks + number * SLOT_BYTES;
    if (all.nanRight[node] === 0 || !column.left) return mask;
    let copy = column.copies.get(mask);
    if (copy === undefined) column.copies.set(mask, (copy = memory.reserve(SLOT_BYTES, 64)));
    return copy;
  });
  const most = columns.reduce((most, { thresholds }) => Math.max(most, thresholds.length), 0);
  return { addresses, runs: placeColumns(memory, byFeature, valuesOf), most };
}

interface MaskedColumn extends ThresholdColumn {
  readonly masks: number;
  /** Whether NaN goes right in any node, or left. */
  right: boolean;
  left: boolean;
  /** Address of each mask that has a copy, with that of the copy. */
  readonly copies: Map<number, number>;
}

function placeColumns(
  memory: MemoryLayout,
  columns: readonly (MaskedColumn | undefined)[],
  valuesOf: (feature: number) => number,
): ColumnRun[] {
  const bySteps = new Map<number, ((view: DataView, at: number) => void)[]>();
  for (const column of columns) {
    if (column === undefined) continue;
    const { thresholds } = column;
    const table = placeColumnTable(memory, thresholds);
    const steps = thresholds.length <= MAX_COMPARED ? 0 : table.steps;
    const pairs = memory.place(Int32Array.from([...column.copies].flat()), 4);
    const write = (view: DataView, at: number): void => {
      table.write(view, at, valuesOf(column.column));
      view.setInt32(at + MaskColumn.masks, column.masks, true);
      view.setInt32(at + MaskColumn.nanAbove, column.right && !column.left ? 1 : 0, true);
      view.setInt32(at + MaskColumn.nanMatters, column.right ? 1 : 0, true);
      view.setInt32(at + MaskColumn.copies, column.copies.size, true);
      view.setInt32(at + MaskColumn.pairs, pairs, true);
    };
    const others = bySteps.get(steps);
    if (others === undefined) bySteps.set(steps, [write]);
    else others.push(write);
  }
  return [...bySteps].map(([steps, writers]) => {
    const view = new DataView(new ArrayBuffer(writers.length * MaskColumn.bytes));
    for (const [i, write] of writers.entries()) write(view, i * MaskColumn.bytes);
    return { steps, descriptors: memory.place(view, 4), columns: writers.length };
  });
}
