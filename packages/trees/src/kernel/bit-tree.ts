import { isLeaf, type Nodes } from '../ensemble/ensemble.js';
import type { TreeSizes } from '../layout/tree-sizes.js';
import { type Local, SimdOpcode } from '../wasm/expressions.js';
import type { FunctionBody } from '../wasm/function-body.js';

/** What a plane is known to be; from `FIRST_LOCAL` on, the local variable that holds it. */
const Plane = { Any: -1, Zero: 0, One: 1, FirstLocal: 2 } as const;

/** Bits of the number of a leaf. */
const MAX_PLANES = 8;

/**
 * Evaluates one tree for 128 rows at once, without a branch. Every leaf gets a number, and the bits
 * of the number of the leaf that a row comes to are computed from the bottom up: bit q of a node is
 * that of its left or its right child, chosen by the mask of its comparison. One `v128.bitselect`
 * does that for 128 rows. This is the bit slicing of Biham's DES, applied to trees as in RapidScorer,
 * with numbers of leaves instead of sets of them.
 *
 * Much of it folds away: a plane that is the same constant on both sides costs nothing, one that is
 * 0 on the left and 1 on the right is the mask itself, and where a subtree leaves a bit unused, the
 * other side's is taken as it is. How leaves are numbered decides how much.
 */
export class BitTree {
  /** Planes of subtrees that wait to be combined, `MAX_PLANES` for each level of the recursion. */
  #rows = new Int32Array(MAX_PLANES * 64);
  /** By plane: how many places of `#rows` refer to a local. */
  readonly #references: number[] = [];
  readonly #locals: (Local | undefined)[] = [];
  #operations = 0;
  #body: FunctionBody | undefined;
  #group: Local | undefined;
  /** The leaf that each number stands for; -1: none. */
  readonly leafOf = new Int32Array(2 ** MAX_PLANES);

  /** @param maskOf address of each node's mask */
  constructor(
    readonly nodes: Nodes,
    readonly sizes: TreeSizes,
    readonly maskOf: Int32Array,
  ) {}

  /** How many bits the numbers of the tree's leaves should have: where it takes least code. */
  choosePlanes(root: number): number {
    const least = Math.max(1, 32 - Math.clz32((this.sizes.leaves[root] ?? 1) - 1));
    // More bits than the tree is high leave nothing to gain.
    const most = Math.max(least, Math.min(MAX_PLANES, this.sizes.height[root] ?? 0));
    if (least === most) return least;
    let best = { planes: least, cost: Infinity };
    for (let planes = least; planes <= most; planes++) {
      const cost = this.#count(root, planes) + transposeCost(planes);
      if (cost < best.cost) best = { planes, cost };
    }
    return best.planes;
  }

  /**
   * Emits the code of a tree, and fills `leafOf`.
   * @param group local with the offset of the group's masks
   * @returns for each bit of the number what it is known to be
   */
  emit(root: number, planes: number, body: FunctionBody, group: Local): (Local | 0 | 1)[] {
    this.#body = body;
    this.#group = group;
    this.leafOf.fill(-1);
    this.#evaluate(root, planes);
    return Array.from({ length: planes }, (_, q) => {
      const plane = this.#rows[q] ?? Plane.Any;
      if (plane < Plane.FirstLocal) return plane === Plane.One ? 1 : 0;
      return this.#localOf(plane) ?? 0;
    });
  }

  /** Makes the locals of the tree that was emitted free for others. */
  release(planes: number): void {
    for (let q = 0; q < planes; q++) this.#refer(this.#rows[q] ?? Plane.Any, -1);
  }

  #count(root: number, planes: number): number {
    this.#body = undefined;
    this.#evaluate(root, planes);
    return this.#operations;
  }

  #evaluate(root: number, planes: number): void {
    this.#operations = 0;
    this.#references.length = 0;
    this.#locals.length = 0;
    this.#aligned(root, planes, 0, 0);
  }

  /** Numbers of the subtree are any of the 2^planes from `first` on: a bit for each decision. */
  #aligned(node: number, planes: number, first: number, row: number): void {
    this.#makeRoom(row);
    const at = row * MAX_PLANES;
    if (isLeaf(this.nodes, node)) {
      for (let code = first; code < first + 2 ** planes; code++) this.leafOf[code] = node;
      for (let q = 0; q < planes; q++) this.#rows[at + q] = Plane.Any;
      return;
    }
    const left = this.nodes.left[node] ?? 0;
    const right = this.nodes.right[node] ?? 0;
    const half = 2 ** (planes - 1);
    if ((this.sizes.leaves[left] ?? 0) > half || (this.sizes.leaves[right] ?? 0) > half) {
      this.#dense(node, planes, first, row);
      return;
    }
    this.#aligned(left, planes - 1, first, row);
    this.#aligned(right, planes - 1, first + half, row + 1);
    this.#rows[at + planes - 1] = Plane.Zero;
    this.#rows[at + MAX_PLANES + planes - 1] = Plane.One;
    this.#combine(node, planes, row);
  }

  /** Numbers follow each other from `first` on: for a subtree too lopsided for a bit a decision. */
  #dense(node: number, planes: number, first: number, row: number): void {
    this.#makeRoom(row);
    if (isLeaf(this.nodes, node)) {
      this.leafOf[first] = node;
      for (let q = 0; q < planes; q++) this.#rows[row * MAX_PLANES + q] = (first >> q) & 1;
      return;
    }
    const left = this.nodes.left[node] ?? 0;
    const right = this.nodes.right[node] ?? 0;
    const [leftLeaves, rightLeaves] = [this.sizes.leaves[left] ?? 0, this.sizes.leaves[right] ?? 0];
    // The larger side first, where more of its bits are the same.
    const leftFirst = leftLeaves >= rightLeaves;
    this.#dense(left, planes, leftFirst ? first : first + rightLeaves, row);
    this.#dense(right, planes, leftFirst ? first + leftLeaves : first, row + 1);
    this.#combine(node, planes, row);
  }

  /** Chooses between the planes in `row` and those in the next one, into the former. */
  #combine(node: number, planes: number, row: number): void {
    const at = row * MAX_PLANES;
    const mask = this.#newPlane();
    this.#operations++;
    const local = this.#locals[mask - Plane.FirstLocal];
    if (this.#body !== undefined && local !== undefined && this.#group !== undefined) {
      this.#body.loadVector(local, this.#group, this.maskOf[node] ?? 0);
    }
    this.#refer(mask, 1);
    for (let q = 0; q < planes; q++) {
      const left = this.#rows[at + q] ?? Plane.Any;
      const right = this.#rows[at + MAX_PLANES + q] ?? Plane.Any;
      const chosen = this.#choose(mask, left, right);
      this.#refer(chosen, 1);
      this.#refer(left, -1);
      this.#refer(right, -1);
      this.#rows[at + q] = chosen;
    }
    this.#refer(mask, -1);
  }

  #choose(mask: number, left: number, right: number): number {
    if (left === Plane.Any || left === right) return right;
    if (right === Plane.Any) return left;
    if (left === Plane.Zero && right === Plane.One) return mask;
    const result = this.#newPlane();
    this.#operations += left === Plane.One || (left > Plane.One && right > Plane.One) ? 3 : 1;
    const local = this.#locals[result - Plane.FirstLocal];
    const body = this.#body;
    if (body === undefined || local === undefined) return result;
    const test = this.#localOf(mask);
    const [l, r] = [this.#localOf(left), this.#localOf(right)];
    if (l !== undefined && r !== undefined && test !== undefined) {
      body.setVector(local, SimdOpcode.bitSelect, r, l, test);
    } else if (test !== undefined) this.#chooseConstant(local, test, { left, right, l, r });
    return result;
  }

  /** One side is a constant, or both are: one on the left and zero on the right. */
  #chooseConstant(
    result: Local,
    test: Local,
    {
      left,
      right,
      l,
      r,
    }: { left: number; right: number; l: Local | undefined; r: Local | undefined },
  ): void {
    const body = this.#body;
    if (body === undefined) return;
    if (l !== undefined) {
      const { andNot, or } = SimdOpcode;
      body.setVector(result, right === Plane.One ? or : andNot, l, test);
    } else if (r === undefined) body.setVector(result, SimdOpcode.not, test);
    else if (left === Plane.Zero) body.setVector(result, SimdOpcode.and, r, test);
    else {
      body.setVector(result, SimdOpcode.andNot, test, r);
      body.setVector(result, SimdOpcode.not, result);
    }
  }

  #localOf(plane: number): Local | undefined {
    return this.#locals[plane - Plane.FirstLocal];
  }

  #newPlane(): number {
    const plane = Plane.FirstLocal + this.#references.push(0) - 1;
    if (this.#body !== undefined) this.#locals.push(this.#body.local('v128'));
    return plane;
  }

  /** A local that no place refers to any more is free for others. */
  #refer(plane: number, change: 1 | -1): void {
    if (plane < Plane.FirstLocal) return;
    const references = (this.#references[plane - Plane.FirstLocal] ?? 0) + change;
    this.#references[plane - Plane.FirstLocal] = references;
    const local = this.#locals[plane - Plane.FirstLocal];
    if (references === 0 && local !== undefined) this.#body?.release(local);
  }

  #makeRoom(row: number): void {
    const needed = (row + 2) * MAX_PLANES;
    if (needed <= this.#rows.length) return;
    const rows = new Int32Array(2 * needed);
    rows.set(this.#rows);
    this.#rows = rows;
  }
}

/** Instructions that turn the planes into numbers, and that scale those of more than six bits. */
function transposeCost(planes: number): number {
  return 9 * planes + (planes > 6 ? 16 : 0);
}
