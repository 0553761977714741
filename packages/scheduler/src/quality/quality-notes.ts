import {
  type Acceptance,
  acceptanceKey,
  canonicalJson,
  type ObjectStore,
  QUALITY_FORMAT,
  qualityKey,
  type QualityOutcome,
  type QualityRecord,
  ShardmillError,
} from '@shardmill/core';
import { parseJson } from '@shardmill/core/plans';
import { acceptanceSchema, qualityRecordSchema } from '@shardmill/core/schemas';

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

/** Notes the outcomes of a run. @returns those that are there: another process may have been first. */
export async function noteQuality(
  store: ObjectStore,
  record: Omit<QualityRecord, 'format'>,
): Promise<QualityRecord> {
  const note: QualityRecord = { format: QUALITY_FORMAT, ...record };
  const content = Buffer.from(canonicalJson(note));
  if ((await store.create(qualityKey(record.runId), content)) === 'created') return note;
  return (await findQuality(store, record.runId)) ?? note;
}

/** Notes an acceptance. @returns the one that is there: another person may have been first. */
export async function noteAcceptance(
  store: ObjectStore,
  runId: string,
  acceptance: Acceptance,
): Promise<Acceptance> {
  const content = Buffer.from(canonicalJson(acceptance));
  if ((await store.create(acceptanceKey(runId), content)) === 'created') return acceptance;
  return (await findAcceptance(store, runId)) ?? acceptance;
}

/** Those that end a run before its result is published. */
export function failedOutcomes(outcomes: readonly QualityOutcome[]): QualityOutcome[] {
  return outcomes.filter(({ passed, severity }) => !passed && severity === 'fail');
}

interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: Error };
}

async function readNote<T>(
  store: ObjectStore,
  key: string,
  schema: Schema<T>,
): Promise<T | undefined> {
  const bytes = await store.read(key);
  if (bytes === undefined) return undefined;
  const parsed = schema.safeParse(parseJson(bytes));
  if (parsed.success) return parsed.data;
  throw new ShardmillError('PLAN_MISMATCH', 'this version cannot read it', {
    where: store.locate(key),
    cause: parsed.error,
  });
}
