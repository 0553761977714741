import type { Scoring } from '@shardmill/core';
import type { ModelFinder } from '../model/find-model.js';
import { makeSubstitute } from '../substitute/model-substitute.js';
import type { ScoredBy } from '../substitute/scored-by.js';

export interface ScorerRequest {
  readonly scoring: Scoring;
  /** Whether generated code may score tree ensembles. */
  readonly treeKernel: 'auto' | 'off';
}

/** What scores a planned model on processors, beside ONNX Runtime or in place of it. */
export interface ScorerDescription {
  /** Empty where ONNX Runtime scores all of it. */
  readonly scoredBy: ScoredBy;
  /** Why that is so. */
  readonly why?: string;
}

/**
 * What would score the planned model on processors: as a run decides it, before the first rows of
 * each lane are compared with what ONNX Runtime makes of them.
 * @throws MODEL_CHANGED, MODEL_NOT_FOUND, STORE_…
 */
export async function describeScorer(
  { scoring, treeKernel }: ScorerRequest,
  models: Pick<ModelFinder, 'locate'>,
): Promise<ScorerDescription> {
  if (treeKernel === 'off') return { scoredBy: [], why: 'resources.treeKernel is off' };
  const made = await makeSubstitute(await models.locate(scoring.model), scoring);
  if ('why' in made) return { scoredBy: [], why: made.why };
  return {
    scoredBy: [
      ...(made.kernel === undefined ? [] : (['treeKernel'] as const)),
      ...(made.texts === undefined ? [] : (['textTables'] as const)),
    ],
  };
}
