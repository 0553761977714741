import { NotForKernelError } from '../not-for-kernel.js';
import type { GraphNode } from '../onnx/read-graph.js';
import type { Ensemble } from './ensemble.js';
import { readParallelLists } from './read-parallel-lists.js';
import { readVersion5 } from './read-version-5.js';

const ML = 'ai.onnx.ml';

export function isEnsemble({ op, domain }: GraphNode): boolean {
  return domain === ML && /^TreeEnsemble(Classifier|Regressor)?$/.test(op);
}

/** @throws NotForKernelError where ONNX Runtime has to score the ensemble. */
export function readEnsemble(node: GraphNode): Ensemble {
  const ensemble = read(node);
  const { targets, leaves } = ensemble;
  if (targets < 1) throw new NotForKernelError('an ensemble without targets');
  if (leaves.target.some((target) => target < 0 || target >= targets)) {
    throw new NotForKernelError('a weight is for a target that is not there');
  }
  return ensemble;
}

function read(node: GraphNode): Ensemble {
  try {
    return node.op === 'TreeEnsemble' ? readVersion5(node) : readParallelLists(node);
  } catch (error) {
    // Integers beyond 32 bits, or bytes that are not as they should be.
    if (error instanceof RangeError) throw new NotForKernelError(error.message);
    throw error;
  }
}
