import type { Substitute } from './substitute.js';

/**
 * What scored rows in place of the model in ONNX Runtime, as steps of a part: their time is in the
 * manifest, beside that of `infer`, of which it is a part.
 */
export type ScoredBy = readonly ('treeKernel' | 'textTables')[];

export function scoredBy(substitute: Substitute | undefined): ScoredBy {
  return [
    ...(substitute?.trees === undefined ? [] : (['treeKernel'] as const)),
    ...(substitute?.tables === undefined ? [] : (['textTables'] as const)),
  ];
}
