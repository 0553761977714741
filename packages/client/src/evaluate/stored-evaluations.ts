import { evaluationKey, type ObjectStore } from '@shardmill/core';
import {
  type EvaluationDocument,
  evaluationDocumentSchema,
} from '../documents/evaluation-schema.js';
import { readObject } from '../inspect/inspect-run.js';

/**
 * Stores an evaluation beside the manifest of its run, unless the same one is there: same labels, same
 * options.
 * @returns the one that is stored now, which may be of an earlier time
 */
export async function saveEvaluation(
  store: ObjectStore,
  evaluation: EvaluationDocument,
): Promise<EvaluationDocument> {
  const key = evaluationKey(evaluation.runId, evaluation.id);
  const saved = { ...evaluation, saved: store.locate(key) };
  const content = new TextEncoder().encode(`${JSON.stringify(saved, null, 2)}\n`);
  if ((await store.create(key, content)) === 'created') return saved;
  return (await readObject(store, key, evaluationDocumentSchema)) ?? saved;
}
