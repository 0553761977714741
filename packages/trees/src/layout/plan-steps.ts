import type { Ensemble } from '../ensemble/ensemble.js';
import { nodesBelow, type TreeSizes } from './tree-sizes.js';

/**
 * The order of work on a block of rows. Floating-point sums depend on their order: for each target,
 * trees come in the order of the model, as in ONNX Runtime with one thread.
 */
export interface StepPlan {
  readonly steps: readonly Step[];
  readonly blockRows: number;
}

type Step =
  /** Up to `BIT_TREES` trees by bits. */
  | { readonly kind: 'bits'; readonly trees: readonly TargetedTree[] }
  /** One large tree, by walking it. */
  | { readonly kind: 'walk'; readonly tree: TargetedTree };

export interface TargetedTree {
  readonly root: number;
  /** Sums that its leaves have weights for. */
  readonly targets: readonly number[];
}

/** Rows of four groups of masks; what they need stays in the first and second level of cache. */
export const BIT_BLOCK_ROWS = 512;
/** Trees whose leaf numbers are added up together. */
const BIT_TREES = 8;
/** Leaf numbers are bytes. */
const MAX_BIT_LEAVES = 256;
/**
 * Limit for the walked trees together. More do not stay in cache while one block after the other is
 * scored: then a tree's nodes have to serve as many rows as possible before the next tree's come.
 */
const MAX_CACHED_NODE_BYTES = 2 ** 20;
const WALK_BLOCK_ROWS = 8192;
const NODE_BYTES = 8;

export function planSteps(ensemble: Ensemble, sizes: TreeSizes): StepPlan {
  const trees = Array.from(ensemble.roots, (root) => targetedTree(ensemble, root));
  const large = trees.filter(({ root }) => (sizes.leaves[root] ?? 0) > MAX_BIT_LEAVES);
  const walked = large.reduce((sum, { root }) => sum + 2 * (sizes.leaves[root] ?? 0), 0);
  const walkAll = walked * NODE_BYTES > MAX_CACHED_NODE_BYTES;
  const steps: Step[] = [];
  let chunk: TargetedTree[] = [];
  for (const tree of inOrder(trees)) {
    if (walkAll || (sizes.leaves[tree.root] ?? 0) > MAX_BIT_LEAVES) {
      chunk = [];
      steps.push({ kind: 'walk', tree });
      continue;
    }
    if (chunk.length === 0 || chunk.length === BIT_TREES || isOtherTarget(chunk, tree)) {
      chunk = [];
      steps.push({ kind: 'bits', trees: chunk });
    }
    chunk.push(tree);
  }
  return { steps, blockRows: walkAll ? WALK_BLOCK_ROWS : BIT_BLOCK_ROWS };
}

/** Where every tree is for one target, those of one target together: they share an accumulator. */
function inOrder(trees: readonly TargetedTree[]): readonly TargetedTree[] {
  const useful = trees.filter(({ targets }) => targets.length > 0);
  if (useful.some(({ targets }) => targets.length > 1)) return useful;
  return useful.toSorted((a, b) => (a.targets[0] ?? 0) - (b.targets[0] ?? 0));
}

function isOtherTarget([first]: readonly TargetedTree[], tree: TargetedTree): boolean {
  return first?.targets.length === 1 && tree.targets.length === 1
    ? first.targets[0] !== tree.targets[0]
    : false;
}

function targetedTree({ nodes, leaves }: Ensemble, root: number): TargetedTree {
  const targets = new Set<number>();
  for (const node of nodesBelow(nodes, root)) {
    for (let i = leaves.start[node] ?? 0; i < (leaves.start[node + 1] ?? 0); i++) {
      targets.add(leaves.target[i] ?? 0);
    }
  }
  return { root, targets: [...targets].toSorted((a, b) => a - b) };
}
