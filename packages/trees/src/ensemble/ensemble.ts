import type { Finish } from './finish.js';

/**
 * Trees in the form that everything behind the reader works on, whatever operator and version they
 * came from: a node goes right if and only if `value > threshold`, and for NaN as `nanRight` says.
 */
export interface Ensemble {
  /** Root of each tree, in the order in which their leaves are added up. */
  readonly roots: Int32Array;
  readonly nodes: Nodes;
  /** How many sums a row has. */
  readonly targets: number;
  readonly leaves: LeafWeights;
  /** What becomes of the sums. */
  readonly finish: Finish;
}

/** One entry for each node; those of a tree are reached from its root, each by one path. */
export interface Nodes {
  readonly feature: Int32Array;
  readonly threshold: Float32Array;
  /** -1: the node is a leaf. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** 1 where NaN goes right. */
  readonly nanRight: Uint8Array;
}

/** The weights of node `n` are those from `start[n]` up to `start[n + 1]`, one for a target at most. */
export interface LeafWeights {
  readonly start: Int32Array;
  readonly target: Int32Array;
  readonly weight: Float32Array;
}

export function allocateNodes(count: number): Nodes {
  return {
    feature: new Int32Array(count),
    threshold: new Float32Array(count),
    left: new Int32Array(count).fill(-1),
    right: new Int32Array(count).fill(-1),
    nanRight: new Uint8Array(count),
  };
}

export function isLeaf(nodes: Nodes, node: number): boolean {
  return (nodes.left[node] ?? -1) < 0;
}

/** The weight of a leaf for a target, as it is added; 0 where the leaf has none. */
export function leafWeight(
  { start, target, weight }: LeafWeights,
  leaf: number,
  to: number,
): number {
  for (let i = start[leaf] ?? 0; i < (start[leaf + 1] ?? 0); i++) {
    if (target[i] === to) return weight[i] ?? 0;
  }
  return 0;
}
