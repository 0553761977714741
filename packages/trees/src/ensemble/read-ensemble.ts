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
  const ensemble = node.op === 'TreeEnsemble' ? readVersion5(node) : readParallelLists(node);
  const { targets, leaves } = ensemble;
  if (targets < 1) throw new NotForKernelError('an ensemble without targets');
  if (leaves.target.some((target) => target < 0 || target >= targets)) {
    throw new NotForKernelError('a weight is for a target that is not there');
  }
  return ensemble;
}
