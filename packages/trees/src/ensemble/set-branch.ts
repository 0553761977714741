import { NotForKernelError } from '../not-for-kernel.js';
import type { Nodes } from './ensemble.js';

/** How a node compares: `value <mode> threshold` leads to its true branch. */
export const Mode = {
  LessOrEqual: 0,
  Less: 1,
  GreaterOrEqual: 2,
  Greater: 3,
  Equal: 4,
  NotEqual: 5,
  Member: 6,
  Leaf: 7,
} as const;

export interface Branch {
  readonly mode: number;
  readonly feature: number;
  readonly threshold: number;
  readonly whenTrue: number;
  readonly whenFalse: number;
  /** Whether NaN goes to the true branch; a comparison with it is false otherwise. */
  readonly nanIsTrue: boolean;
}

/**
 * Writes a node as "right if value > threshold". `value < t` is `value <= t'` with the next number
 * below t, and for the two others the branches change sides.
 * @throws NotForKernelError for the other modes.
 */
export function setBranch(nodes: Nodes, node: number, branch: Branch): void {
  const { mode, whenTrue, whenFalse, nanIsTrue } = branch;
  const swap = mode === Mode.GreaterOrEqual || mode === Mode.Greater;
  if (!swap && mode !== Mode.LessOrEqual && mode !== Mode.Less) {
    throw new NotForKernelError('nodes compare for equality or membership');
  }
  if (branch.feature < 0) throw new NotForKernelError('a node has a negative feature');
  const strict = mode === Mode.Less || mode === Mode.GreaterOrEqual;
  const below = strict ? nextDown(branch.threshold) : branch.threshold;
  let [left, right] = swap ? [whenFalse, whenTrue] : [whenTrue, whenFalse];
  let nanRight = nanIsTrue === swap;
  // Zeros of both signs are one threshold.
  let threshold = below + 0;
  if (Number.isNaN(branch.threshold)) {
    // Every comparison with NaN is false.
    [left, right, nanRight, threshold] = [whenFalse, whenTrue, nanIsTrue, Infinity];
  } else if (strict && branch.threshold === -Infinity) {
    // Nothing is below the least value: each value goes right, so each goes left once they are swapped.
    [left, right, nanRight, threshold] = [right, left, !nanRight, Infinity];
  }
  nodes.feature[node] = branch.feature;
  nodes.threshold[node] = threshold;
  nodes.left[node] = left;
  nodes.right[node] = right;
  nodes.nanRight[node] = nanRight ? 1 : 0;
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The greatest float32 below a float32. */
export function nextDown(value: number): number {
  if (value === -Infinity || Number.isNaN(value)) return value;
  if (value === 0) return -(2 ** -149);
  float[0] = value;
  bits[0] = (bits[0] ?? 0) + (value > 0 ? -1 : 1);
  return float[0];
}
