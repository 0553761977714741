import { type Ensemble, isLeaf, leafWeight, type Nodes } from '../ensemble/ensemble.js';
import { NotForKernelError } from '../not-for-kernel.js';
import { ColumnTable, placeColumnTable } from './column-table.js';
import type { MemoryLayout } from './memory-layout.js';
import type { TargetedTree } from './plan-steps.js';
import { distinctThresholds, type Thresholds } from './thresholds.js';
import type { TreeSizes } from './tree-sizes.js';

/**
 * A node of a tree that is walked: where the rank is in a row of ranks, the number of the
 * threshold, and the address of the left child; the right one is next to it. A leaf leads to itself,
 * as no rank is greater than its threshold.
 */
export const WalkNode = { rank: 0, threshold: 2, child: 4, bytes: 8 } as const;

/** No rank is greater. */
const LEAF_THRESHOLD = 0xffff;
/** Descriptor of a column of ranks: the head of `ColumnTable`, and behind it: */
export const RankColumn = {
  /** Byte offset of its rank in a row of ranks. */
  place: ColumnTable.bytes,
  /** The rank of NaN. */
  nanRank: ColumnTable.bytes + 4,
  bytes: ColumnTable.bytes + 8,
} as const;

export interface WalkPlan {
  readonly runs: readonly {
    readonly steps: number;
    readonly descriptors: number;
    readonly columns: number;
  }[];
  /** Bytes of the ranks of one row. */
  readonly rowBytes: number;
  /** Address of the ranks of the block's first row. */
  readonly ranks: number;
  /** Address of the leaf that each row came to. */
  readonly leaves: number;
  readonly trees: ReadonlyMap<TargetedTree, WalkTree>;
}

interface WalkTree {
  readonly root: number;
  readonly height: number;
  /** For each of its targets: what to add to the address of a leaf, halved, to find its weight. */
  readonly weights: readonly number[];
}

/** Puts trees into the form in which they are walked. @throws NotForKernelError */
export function planWalk(
  memory: MemoryLayout,
  ensemble: Ensemble,
  sizes: TreeSizes,
  trees: readonly TargetedTree[],
  options: { readonly blockRows: number; readonly valuesOf: (feature: number) => number },
): WalkPlan {
  const { nodes } = ensemble;
  const orders = trees.map(({ root }) => siblingOrder(nodes, root));
  const inner = innerNodes(nodes, orders);
  // A feature whose nodes differ in the side of NaN has two columns of ranks.
  const columnOf = nodes.feature.map((feature, node) => 2 * feature + (nodes.nanRight[node] ?? 0));
  const thresholds = distinctThresholds(inner, columnOf, nodes.threshold);
  const placeOfColumn = new Int32Array(1 + (thresholds.columns.at(-1)?.column ?? 0));
  for (const [i, { column }] of thresholds.columns.entries()) placeOfColumn[column] = 2 * i;
  const rankOf = new Int32Array(nodes.left.length);
  for (let i = 0; i < inner.length; i++) rankOf[inner[i] ?? 0] = thresholds.numbers[i] ?? 0;
  const plans = new Map<TargetedTree, WalkTree>();
  const positions = new Int32Array(nodes.left.length);
  for (const [i, tree] of trees.entries()) {
    const order = orders[i] ?? [];
    const place = (node: number): number => placeOfColumn[columnOf[node] ?? 0] ?? 0;
    const height = sizes.height[tree.root] ?? 0;
    plans.set(tree, {
      ...placeTree(memory, ensemble, { tree, order, positions, place, rankOf }),
      height,
    });
  }
  const rowBytes = Math.max(8, Math.ceil((2 * thresholds.columns.length) / 8) * 8);
  return {
    runs: placeRankColumns(memory, thresholds, options.valuesOf),
    rowBytes,
    ranks: memory.reserve(rowBytes * options.blockRows, 64),
    leaves: memory.reserve(4 * options.blockRows, 64),
    trees: plans,
  };
}

function innerNodes(nodes: Nodes, orders: readonly (readonly number[])[]): Int32Array {
  const inner = new Int32Array(orders.reduce((sum, order) => sum + order.length, 0));
  let count = 0;
  for (const order of orders) {
    for (const node of order) if (!isLeaf(nodes, node)) inner[count++] = node;
  }
  return inner.subarray(0, count);
}

/** Two children of a node are one behind the other; what is often visited together is close. */
function siblingOrder(nodes: Nodes, root: number): number[] {
  const order = [root];
  const stack = [root];
  while (stack.length > 0) {
    const node = stack.pop() ?? 0;
    if (isLeaf(nodes, node)) continue;
    const [left, right] = [nodes.left[node] ?? 0, nodes.right[node] ?? 0];
    order.push(left, right);
    stack.push(right, left);
  }
  return order;
}

function placeTree(
  memory: MemoryLayout,
  { nodes, leaves }: Ensemble,
  {
    tree,
    order,
    positions,
    place,
    rankOf,
  }: {
    readonly tree: TargetedTree;
    readonly order: readonly number[];
    /** Scratch: place of each node in the order. */
    readonly positions: Int32Array;
    readonly place: (node: number) => number;
    readonly rankOf: Int32Array;
  },
): Pick<WalkTree, 'root' | 'weights'> {
  const view = new DataView(new ArrayBuffer(order.length * WalkNode.bytes));
  const root = memory.place(view, 64);
  // Loops by index: these are as many steps as the trees have nodes, millions in a forest.
  for (let i = 0; i < order.length; i++) positions[order[i] ?? 0] = i;
  for (let i = 0; i < order.length; i++) {
    const node = order[i] ?? 0;
    const at = i * WalkNode.bytes;
    const leaf = isLeaf(nodes, node);
    const child = leaf ? i : (positions[nodes.left[node] ?? 0] ?? 0);
    view.setUint16(at + WalkNode.rank, leaf ? 0 : place(node), true);
    view.setUint16(at + WalkNode.threshold, leaf ? LEAF_THRESHOLD : (rankOf[node] ?? 0), true);
    view.setUint32(at + WalkNode.child, root + child * WalkNode.bytes, true);
  }
  const weights = tree.targets.map((target) => {
    const values = new Float32Array(order.length);
    for (let i = 0; i < order.length; i++) values[i] = leafWeight(leaves, order[i] ?? 0, target);
    return memory.place(values, 4) - root / 2;
  });
  return { root, weights };
}

function placeRankColumns(
  memory: MemoryLayout,
  { columns }: Thresholds,
  valuesOf: (feature: number) => number,
): WalkPlan['runs'] {
  const bySteps = new Map<number, ((view: DataView, at: number) => void)[]>();
  for (const [i, { column, thresholds }] of columns.entries()) {
    const table = placeColumnTable(memory, thresholds);
    const write = (view: DataView, at: number): void => {
      table.write(view, at, valuesOf(column >> 1));
      view.setInt32(at + RankColumn.place, 2 * i, true);
      view.setInt32(at + RankColumn.nanRank, (column & 1) === 1 ? thresholds.length : 0, true);
    };
    bySteps.set(table.steps, [...(bySteps.get(table.steps) ?? []), write]);
  }
  if (2 * columns.length > 0xffff)
    throw new NotForKernelError('more than 32,767 columns to walk by');
  return [...bySteps].map(([steps, writers]) => {
    const view = new DataView(new ArrayBuffer(writers.length * RankColumn.bytes));
    for (const [i, write] of writers.entries()) write(view, i * RankColumn.bytes);
    return { steps, descriptors: memory.place(view, 4), columns: writers.length };
  });
}
