import { evaluationKey, evaluationsPrefix, type ObjectStore } from '@shardmill/core';
import {
  type EvaluationDocument,
  evaluationDocumentSchema,
} from '../documents/evaluation-schema.js';
import { readObject } from '../inspect/inspect-run.js';

/** Evaluations of one run that are read. */
const MAX_READ = 100;

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

/** What was saved of a run, the latest first. @throws PLAN_MISMATCH for one that cannot be read */
export async function storedEvaluations(
  store: ObjectStore,
  runId: string,
): Promise<EvaluationDocument[]> {
  const evaluations: EvaluationDocument[] = [];
  for await (const { key } of store.list(evaluationsPrefix(runId))) {
    if (evaluations.length >= MAX_READ) break;
    if (!key.endsWith('.json')) continue;
    const found = await readObject(store, key, evaluationDocumentSchema);
    if (found !== undefined) evaluations.push(found);
  }
  return evaluations.toSorted((a, b) => (a.evaluatedAt < b.evaluatedAt ? 1 : -1));
}
