import type { Random } from '../random.js';
import { newTree, type Tree } from './tree-nodes.js';

/** How a tree is grown. */
export interface Growth {
  /** Rows that it is grown on. */
  readonly rows: number;
  /** A node of fewer rows is not split; at least 1. */
  readonly splitRows: number;
  /**
   * Leaves at most; those whose split gains most are split first, as LightGBM does it. As many as
   * come about where this is left out, as in a random forest.
   */
  readonly leaves?: number;
}

/** The distribution of a feature: the value below which are a fraction of the rows, from 0 to 1. */
export type Quantile = (fraction: number) => number;

/**
 * Grows a tree without the rows: a node has a number of rows, and an interval of each feature's
 * distribution. It is split at a place that is drawn from the interval of a feature that is drawn,
 * and its rows are divided in the same proportion. So each node that a row comes to has rows on
 * both sides, and trees are lopsided, as trees are that have been trained. The rows of independent
 * features are divided as said.
 *
 * Nodes are numbered from the root down, the left child first.
 * @param weight draws what a leaf adds to the sum
 */
export function growTree(
  growth: Growth,
  features: readonly Quantile[],
  random: Random,
  weight: () => number,
): Tree {
  const { splitRows, leaves = Number.POSITIVE_INFINITY } = growth;
  const root = newNode(random, growth.rows, new Float64Array(features.length), ones(features));
  const open = [root];
  let count = 1;
  while (count < leaves) {
    const node = leaves === Number.POSITIVE_INFINITY ? open.pop() : takeBest(open);
    if (node === undefined) break;
    if (node.rows < splitRows) continue;
    open.push(...split(node, random));
    count++;
  }
  return numbered(root, count, features, weight);
}

interface GrowingNode {
  readonly rows: number;
  /** What a split gains: more with more rows, and by chance. */
  readonly gain: number;
  /** The interval of each feature's distribution, as fractions. */
  readonly from: Float64Array;
  readonly to: Float64Array;
  branch?: {
    readonly feature: number;
    readonly at: number;
    readonly left: GrowingNode;
    readonly right: GrowingNode;
  };
}

function newNode(random: Random, rows: number, from: Float64Array, to: Float64Array): GrowingNode {
  return { rows, gain: rows * random.uniform(), from, to };
}

function ones(features: readonly Quantile[]): Float64Array {
  return new Float64Array(features.length).fill(1);
}

/** Takes out the node whose split gains most. */
function takeBest(open: GrowingNode[]): GrowingNode | undefined {
  const gains = open.map(({ gain }) => gain);
  return open.splice(gains.indexOf(Math.max(...gains)), 1)[0];
}

function split(node: GrowingNode, random: Random): readonly [GrowingNode, GrowingNode] {
  const { rows, from, to } = node;
  const feature = random.integer(from.length);
  const fraction = random.uniform();
  const low = from[feature] ?? 0;
  const at = low + fraction * ((to[feature] ?? 0) - low);
  const left = newNode(random, rows * fraction, from, to.with(feature, at));
  const right = newNode(random, rows * (1 - fraction), from.with(feature, at), to);
  node.branch = { feature, at, left, right };
  return [left, right];
}

function numbered(
  root: GrowingNode,
  leaves: number,
  features: readonly Quantile[],
  weight: () => number,
): Tree {
  const tree = newTree(2 * leaves - 1);
  let next = 0;
  const place = ({ branch }: GrowingNode): number => {
    const node = next++;
    if (branch === undefined) {
      tree.weights[node] = weight();
      return node;
    }
    tree.features[node] = branch.feature;
    tree.thresholds[node] = features[branch.feature]?.(branch.at) ?? 0;
    tree.lefts[node] = place(branch.left);
    tree.rights[node] = place(branch.right);
    return node;
  };
  place(root);
  return tree;
}
