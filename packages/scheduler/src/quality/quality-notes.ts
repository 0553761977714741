import {
  type Acceptance,
  acceptanceKey,
  type ObjectStore,
  QUALITY_FORMAT,
  qualityKey,
  type QualityOutcome,
  type QualityRecord,
} from '@shardmill/core';
import { acceptanceSchema, qualityRecordSchema } from '@shardmill/core/schemas';
import { createNote, readNote } from './stored-note.js';

/** The outcomes of a run, or undefined where it was not judged. @throws PLAN_MISMATCH */
export async function findQuality(
  store: ObjectStore,
  runId: string,
): Promise<QualityRecord | undefined> {
  return readNote(store, qualityKey(runId), qualityRecordSchema);
}

/** Who published a run in spite of failed checks; undefined where the run was not accepted. @throws PLAN_MISMATCH */
export async function findAcceptance(
  store: ObjectStore,
  runId: string,
): Promise<Acceptance | undefined> {
  return readNote(store, acceptanceKey(runId), acceptanceSchema);
}

/**
 * Notes the outcomes of a run.
 * @param created called where this process was the first. @returns those that are there: another may have been.
 */
export async function noteQuality(
  store: ObjectStore,
  record: Omit<QualityRecord, 'format'>,
  created?: () => void,
): Promise<QualityRecord> {
  const note: QualityRecord = { format: QUALITY_FORMAT, ...record };
  const noted = await createNote(store, qualityKey(record.runId), note, qualityRecordSchema);
  if (noted === note) created?.();
  return noted;
}

/** Notes an acceptance. @returns the one that is there: another person may have been first. */
export async function noteAcceptance(
  store: ObjectStore,
  runId: string,
  acceptance: Acceptance,
): Promise<Acceptance> {
  return createNote(store, acceptanceKey(runId), acceptance, acceptanceSchema);
}

/** Those that end a run before its result is published. */
export function failedOutcomes(outcomes: readonly QualityOutcome[]): QualityOutcome[] {
  return outcomes.filter(({ passed, severity }) => !passed && severity === 'fail');
}
