import { NotForKernelError } from '../not-for-kernel.js';
import type { GraphNode } from '../onnx/read-graph.js';
import { Attributes } from '../onnx/read-attributes.js';
import { classifierFinish } from './classifier-finish.js';
import { coverageOf } from './coverage.js';
import { allocateNodes, type Ensemble, isLeaf, type LeafWeights, type Nodes } from './ensemble.js';
import type { Finish } from './finish.js';
import { readPostTransform, regressorFinish } from './read-options.js';
import { Mode, setBranch } from './set-branch.js';
import { requireTrees } from './require-trees.js';

/**
 * Reads `TreeEnsembleClassifier` and `TreeEnsembleRegressor` of ai.onnx.ml 1 to 4: parallel lists of
 * nodes, which refer to each other by the numbers of tree and node.
 * @throws NotForKernelError
 */
export function readParallelLists(node: GraphNode): Ensemble {
  const attributes = new Attributes(node.bytes);
  const classifier = node.op === 'TreeEnsembleClassifier';
  const index = new NodeIndex(
    attributes.integers('nodes_treeids'),
    attributes.integers('nodes_nodeids'),
  );
  const modes = readModes(attributes);
  const nodes = readNodes(attributes, index, modes);
  const prefix = classifier ? 'class' : 'target';
  const ids = attributes.integers(`${prefix}_ids`);
  const weights = valuesOf(attributes, `${prefix}_weights`);
  const trees = index.roots.length;
  requireTrees(nodes, index.roots, modes.length);
  const single = !classifier && attributes.integer('n_targets', 0) === 1;
  const labels = readLabels(attributes);
  const targets = classifier ? labels.length : attributes.integer('n_targets', 0);
  const leafWeights = readLeafWeights(
    { nodes, ids, weights, single, ownValues: valuesOf(attributes, 'nodes_values') },
    nodesOfWeights(attributes, prefix, index),
  );
  const post = readPostTransform(attributes.text('post_transform', 'NONE'));
  const base = valuesOf(attributes, 'base_values');
  const aggregate = attributes.text('aggregate_function', 'SUM');
  const coverage = coverageOf(nodes, index.roots, leafWeights, targets);
  const finish: Finish = classifier
    ? classifierFinish({
        labels,
        coverage,
        post,
        base,
        weightedClasses: new Set(ids).size,
        positive: weights.every((weight) => !(weight < 0)),
      })
    : regressorFinish({ coverage, trees, aggregate, post, base });
  return { roots: index.roots, nodes, targets, leaves: leafWeights, finish };
}

/** Where the node of a number of tree and node stands in the lists. */
class NodeIndex {
  /** First node of each tree: the root is the first one in the list, whatever its number. */
  readonly roots: Int32Array;
  /** Trees by their number. */
  readonly #trees = new Map<number, { readonly first: number; readonly places: Int32Array }>();

  constructor(
    readonly treeIds: Int32Array,
    readonly nodeIds: Int32Array,
  ) {
    const roots: number[] = [];
    for (let first = 0, end = 0; first < treeIds.length; first = end) {
      const tree = treeIds[first] ?? 0;
      while (end < treeIds.length && treeIds[end] === tree) end++;
      if (this.#trees.has(tree)) throw new NotForKernelError('the nodes of a tree are apart');
      const places = new Int32Array(end - first).fill(-1);
      for (let i = first; i < end; i++) {
        const id = nodeIds[i] ?? -1;
        if (id < 0 || id >= places.length) {
          throw new NotForKernelError('the nodes of a tree are not numbered from 0 on');
        }
        places[id] = i;
      }
      this.#trees.set(tree, { first, places });
      roots.push(first);
    }
    this.roots = Int32Array.from(roots);
  }

  /** Trees one after the other are looked up at once. */
  find(tree: number, node: number): number {
    return this.#trees.get(tree)?.places[node] ?? -1;
  }
}

function readModes(attributes: Attributes): Uint8Array {
  const modes: number[] = [];
  attributes.eachText('nodes_modes', (bytes, start, end) => {
    modes.push(modeOf(bytes, start, end));
  });
  return Uint8Array.from(modes);
}

/** LEAF, or BRANCH_ and two or three letters, by the letters in which they differ. */
function modeOf(bytes: Uint8Array, start: number, end: number): number {
  const letter = (at: number): string => String.fromCharCode(bytes[start + at] ?? 0);
  if (letter(0) === 'L') return Mode.Leaf;
  const equal = end - start === 10;
  switch (letter(7)) {
    case 'L':
      return equal ? Mode.LessOrEqual : Mode.Less;
    case 'G':
      return equal ? Mode.GreaterOrEqual : Mode.Greater;
    default:
      return Mode.Equal;
  }
}

function readNodes(attributes: Attributes, index: NodeIndex, modes: Uint8Array): Nodes {
  const count = modes.length;
  const features = attributes.integers('nodes_featureids');
  const values = valuesOf(attributes, 'nodes_values');
  const whenTrue = attributes.integers('nodes_truenodeids');
  const whenFalse = attributes.integers('nodes_falsenodeids');
  const missing = attributes.integers('nodes_missing_value_tracks_true');
  for (const list of [index.treeIds, features, values, whenTrue, whenFalse]) {
    if (list.length !== count) throw new NotForKernelError('lists of nodes differ in their length');
  }
  const nodes = allocateNodes(count);
  for (let i = 0; i < count; i++) {
    const mode = modes[i] ?? Mode.Leaf;
    if (mode === Mode.Leaf) continue;
    const tree = index.treeIds[i] ?? 0;
    setBranch(nodes, i, {
      mode,
      feature: features[i] ?? 0,
      threshold: values[i] ?? 0,
      whenTrue: index.find(tree, whenTrue[i] ?? -1),
      whenFalse: index.find(tree, whenFalse[i] ?? -1),
      nanIsTrue: missing[i] === 1,
    });
  }
  return nodes;
}

/** A list of floats: by itself, or as a tensor since version 3. */
function valuesOf(attributes: Attributes, name: string): Float32Array {
  const floats = attributes.floats(name);
  return floats.length > 0 ? floats : attributes.tensor(`${name}_as_tensor`);
}

function nodesOfWeights(attributes: Attributes, prefix: string, index: NodeIndex): Int32Array {
  const treeIds = attributes.integers(`${prefix}_treeids`);
  const nodeIds = attributes.integers(`${prefix}_nodeids`);
  return treeIds.map((tree, i) => index.find(tree, nodeIds[i] ?? -1));
}

interface WeightLists {
  readonly nodes: Nodes;
  readonly ids: Int32Array;
  readonly weights: Float32Array;
  /** Whether there is one target, of which ONNX Runtime takes the first weight of a leaf alone. */
  readonly single: boolean;
  /** Values of the nodes, which a leaf without a weight has for one where there is one target. */
  readonly ownValues: Float32Array;
}

function readLeafWeights(lists: WeightLists, places: Int32Array): LeafWeights {
  const { nodes, ids, weights, single } = lists;
  const count = nodes.left.length;
  if (places.length !== ids.length || weights.length !== ids.length) {
    throw new NotForKernelError('lists of weights differ in their length');
  }
  const start = new Int32Array(count + 1);
  for (const place of places) {
    if (place < 0) throw new NotForKernelError('a weight is for a node that is not there');
    if (isLeaf(nodes, place)) start[place + 1] = (start[place + 1] ?? 0) + 1;
  }
  if (single) return firstWeights(lists, places);
  for (let i = 0; i < count; i++) start[i + 1] = (start[i + 1] ?? 0) + (start[i] ?? 0);
  const total = start[count] ?? 0;
  const target = new Int32Array(total);
  const weight = new Float32Array(total);
  const next = start.slice(0, count);
  for (let i = 0; i < places.length; i++) {
    const place = places[i] ?? 0;
    // Weights of other nodes, as old converters wrote them, are ignored.
    if (!isLeaf(nodes, place)) continue;
    const at = next[place] ?? 0;
    for (let earlier = start[place] ?? 0; earlier < at; earlier++) {
      if (target[earlier] === ids[i]) {
        throw new NotForKernelError('a leaf has two weights for one target');
      }
    }
    target[at] = ids[i] ?? 0;
    weight[at] = weights[i] ?? 0;
    next[place] = at + 1;
  }
  return { start, target, weight };
}

/** For a single target: the first weight of each leaf, or its own value if it has none. */
function firstWeights({ nodes, weights, ownValues }: WeightLists, places: Int32Array): LeafWeights {
  const count = nodes.left.length;
  const start = new Int32Array(count + 1);
  for (let i = 0; i <= count; i++) start[i] = i;
  const weight = ownValues.slice();
  const seen = new Uint8Array(count);
  for (let i = 0; i < places.length; i++) {
    const place = places[i] ?? 0;
    if (seen[place] === 1) continue;
    seen[place] = 1;
    weight[place] = weights[i] ?? 0;
  }
  return { start, target: new Int32Array(count), weight };
}

function readLabels(attributes: Attributes): readonly bigint[] | readonly string[] {
  const texts = attributes.texts('classlabels_strings');
  return texts.length > 0 ? texts : [...attributes.integers('classlabels_int64s')].map(BigInt);
}
