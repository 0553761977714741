import { isLeaf, type Nodes } from '../ensemble/ensemble.js';

/** Of the tree below each node. */
export interface TreeSizes {
  readonly leaves: Int32Array;
  /** Decisions on the longest path to a leaf. */
  readonly height: Int32Array;
}

export function measureTrees(nodes: Nodes, roots: Int32Array): TreeSizes {
  const count = nodes.left.length;
  const leaves = new Int32Array(count);
  const height = new Int32Array(count);
  for (const root of roots) {
    const order = nodesBelow(nodes, root);
    // Children stand behind their parents.
    for (let i = order.length - 1; i >= 0; i--) {
      const node = order[i] ?? 0;
      if (isLeaf(nodes, node)) {
        leaves[node] = 1;
        continue;
      }
      const [left, right] = [nodes.left[node] ?? 0, nodes.right[node] ?? 0];
      leaves[node] = (leaves[left] ?? 0) + (leaves[right] ?? 0);
      height[node] = 1 + Math.max(height[left] ?? 0, height[right] ?? 0);
    }
  }
  return { leaves, height };
}

/** The nodes of a tree, parents before children. */
export function nodesBelow(nodes: Nodes, root: number): number[] {
  const order = [root];
  for (let i = 0; i < order.length; i++) {
    const node = order[i] ?? 0;
    if (!isLeaf(nodes, node)) order.push(nodes.left[node] ?? 0, nodes.right[node] ?? 0);
  }
  return order;
}
