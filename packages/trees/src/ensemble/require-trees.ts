import { NotForKernelError } from '../not-for-kernel.js';
import { isLeaf, type Nodes } from './ensemble.js';

/**
 * Refuses what is not a tree: a node that is reached twice, or not at all, or that is not there.
 * @param count of all nodes
 */
export function requireTrees(nodes: Nodes, roots: Int32Array, count: number): void {
  const reached = new Uint8Array(count);
  let total = 0;
  const stack: number[] = [];
  for (const root of roots) {
    stack.push(root);
    while (stack.length > 0) {
      const node = stack.pop() ?? -1;
      if (node < 0 || reached[node] !== 0) {
        throw new NotForKernelError('a node is reached twice, or is not there');
      }
      reached[node] = 1;
      total++;
      if (isLeaf(nodes, node)) continue;
      stack.push(nodes.left[node] ?? -1, nodes.right[node] ?? -1);
    }
  }
  if (total !== count) throw new NotForKernelError('a node is not reached');
  if (roots.length === 0) throw new NotForKernelError('an ensemble without trees');
}
