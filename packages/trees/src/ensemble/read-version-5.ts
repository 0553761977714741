import { NotForKernelError } from '../not-for-kernel.js';
import { Attributes } from '../onnx/read-attributes.js';
import type { GraphNode } from '../onnx/read-graph.js';
import { allocateNodes, type Ensemble } from './ensemble.js';
import { readPostTransform, regressorFinish } from './read-options.js';
import { setBranch } from './set-branch.js';

const AGGREGATES = ['AVERAGE', 'SUM', 'MIN', 'MAX'];
/** In the order of ONNX Runtime, which exchanges the second and the third of the standard's. */
const POST_TRANSFORMS = ['NONE', 'LOGISTIC', 'SOFTMAX', 'SOFTMAX_ZERO', 'PROBIT'];
/** A leaf may belong to many nodes, so that a small model can be a large tree. */
const MAX_NODES = 2 ** 24;

/**
 * Reads `TreeEnsemble` of ai.onnx.ml 5: nodes and leaves apart, referred to by their places.
 * @throws NotForKernelError
 */
export function readVersion5(node: GraphNode): Ensemble {
  const attributes = new Attributes(node.bytes);
  const splits = attributes.tensor('nodes_splits');
  const modes = attributes.tensor('nodes_modes');
  const features = attributes.integers('nodes_featureids');
  const branches = {
    whenTrue: attributes.integers('nodes_truenodeids'),
    trueIsLeaf: attributes.integers('nodes_trueleafs'),
    whenFalse: attributes.integers('nodes_falsenodeids'),
    falseIsLeaf: attributes.integers('nodes_falseleafs'),
  };
  const missing = attributes.integers('nodes_missing_value_tracks_true');
  const weights = attributes.tensor('leaf_weights');
  const targetIds = attributes.integers('leaf_targetids');
  const treeRoots = attributes.integers('tree_roots');

  const order = listTrees(treeRoots, branches);
  const nodes = allocateNodes(order.count);
  const leafOf = order.leafOf.subarray(0, order.count);
  for (let i = 0; i < order.count; i++) {
    if ((leafOf[i] ?? -1) >= 0) continue;
    const from = order.from[i] ?? 0;
    setBranch(nodes, i, {
      mode: modes[from] ?? 0,
      feature: features[from] ?? 0,
      threshold: splits[from] ?? 0,
      whenTrue: order.whenTrue[i] ?? -1,
      whenFalse: order.whenFalse[i] ?? -1,
      nanIsTrue: missing[from] === 1,
    });
  }
  const leaves = [...leafOf.keys()].filter((i) => (leafOf[i] ?? -1) >= 0);
  const start = new Int32Array(order.count + 1);
  for (const leaf of leaves) start[leaf + 1] = 1;
  for (let i = 0; i < order.count; i++) start[i + 1] = (start[i + 1] ?? 0) + (start[i] ?? 0);
  const targets = attributes.integer('n_targets', 0);
  return {
    roots: order.roots,
    nodes,
    targets,
    leaves: {
      start,
      target: Int32Array.from(leaves, (leaf) => targetIds[leafOf[leaf] ?? 0] ?? 0),
      weight: Float32Array.from(leaves, (leaf) => weights[leafOf[leaf] ?? 0] ?? 0),
    },
    finish: regressorFinish({
      // There are no base values, for which alone it matters.
      coverage: Array.from({ length: targets }, () => 'sometimes' as const),
      trees: treeRoots.length,
      aggregate: AGGREGATES[attributes.integer('aggregate_function', 1)] ?? 'unknown',
      post: readPostTransform(
        POST_TRANSFORMS[attributes.integer('post_transform', 0)] ?? 'unknown',
      ),
      base: new Float32Array(0),
    }),
  };
}

interface Branches {
  readonly whenTrue: Int32Array;
  readonly trueIsLeaf: Int32Array;
  readonly whenFalse: Int32Array;
  readonly falseIsLeaf: Int32Array;
}

interface TreeList {
  readonly roots: Int32Array;
  readonly count: number;
  /** Index of each leaf among the leaves; -1 for other nodes. */
  readonly leafOf: Int32Array;
  /** Index of each inner node in the attributes. */
  readonly from: Int32Array;
  readonly whenTrue: Int32Array;
  readonly whenFalse: Int32Array;
}

/** Gives every place in a tree a node of its own. */
function listTrees(treeRoots: Int32Array, branches: Branches): TreeList {
  const from: number[] = [];
  const leafOf: number[] = [];
  const whenTrue: number[] = [];
  const whenFalse: number[] = [];
  const add = (place: number, leaf: boolean): number => {
    if (from.length === MAX_NODES) throw new NotForKernelError('trees share too many nodes');
    leafOf.push(leaf ? place : -1);
    whenTrue.push(-1);
    whenFalse.push(-1);
    return from.push(leaf ? -1 : place) - 1;
  };
  const roots = treeRoots.map((root) => {
    // A tree that is one leaf is a node with the same leaf on both sides. ONNX Runtime takes the
    // place of the node for that of the leaf.
    const { whenTrue: yes, whenFalse: no, trueIsLeaf, falseIsLeaf } = branches;
    const alone = yes[root] === no[root] && trueIsLeaf[root] !== 0 && falseIsLeaf[root] !== 0;
    return add(root, alone);
  });
  for (let i = 0; i < from.length; i++) {
    const place = from[i] ?? -1;
    if (place < 0) continue;
    whenTrue[i] = add(branches.whenTrue[place] ?? -1, branches.trueIsLeaf[place] !== 0);
    whenFalse[i] = add(branches.whenFalse[place] ?? -1, branches.falseIsLeaf[place] !== 0);
  }
  return {
    roots,
    count: from.length,
    leafOf: Int32Array.from(leafOf),
    from: Int32Array.from(from),
    whenTrue: Int32Array.from(whenTrue),
    whenFalse: Int32Array.from(whenFalse),
  };
}
