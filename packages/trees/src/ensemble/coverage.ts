import { NotForKernelError } from '../not-for-kernel.js';
import { isLeaf, type LeafWeights, type Nodes } from './ensemble.js';
import { plainValue, type Value } from './finish.js';

/** Whether a target gets a weight in every row, in none, or in some. */
export type Coverage = 'always' | 'never' | 'sometimes';

/** A target is always covered if all leaves of one tree have a weight for it. */
export function coverageOf(
  nodes: Nodes,
  roots: Int32Array,
  { start, target }: LeafWeights,
  targets: number,
): Coverage[] {
  const some = new Uint8Array(targets);
  const always = new Uint8Array(targets);
  const leavesWith = new Int32Array(targets);
  for (let tree = 0; tree < roots.length; tree++) {
    leavesWith.fill(0);
    let leaves = 0;
    for (let node = roots[tree] ?? 0; node < (roots[tree + 1] ?? nodes.left.length); node++) {
      if (!isLeaf(nodes, node)) continue;
      leaves++;
      for (let i = start[node] ?? 0; i < (start[node + 1] ?? 0); i++) {
        const of = target[i] ?? 0;
        leavesWith[of] = (leavesWith[of] ?? 0) + 1;
        some[of] = 1;
      }
    }
    for (let of = 0; of < targets; of++) if (leavesWith[of] === leaves) always[of] = 1;
  }
  return Array.from(some, (seen, of) =>
    always[of] === 1 ? 'always' : seen === 1 ? 'sometimes' : 'never',
  );
}

/**
 * A sum and its base value, by the rule of ONNX Runtime: where a row has no weight for a target, the
 * value is 0 and the base value is not added.
 * @throws NotForKernelError where that differs from row to row.
 */
export function coveredValue(coverage: Coverage | undefined, target: number, base?: number): Value {
  switch (coverage) {
    case 'always':
      return plainValue(target, base);
    case 'sometimes':
      if (base !== undefined && base !== 0) {
        throw new NotForKernelError('some rows have no weight for a target with a base value');
      }
      return plainValue(target);
    case 'never':
    case undefined:
      return { target: undefined, base: 0, form: 'plain' };
    default:
      return coverage satisfies never;
  }
}
