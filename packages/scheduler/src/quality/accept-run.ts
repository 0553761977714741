import { type Acceptance, type ObjectStore, ShardmillError } from '@shardmill/core';
import { failedOutcomes, findQuality, noteAcceptance } from './quality-notes.js';

/** Who accepts a run, and why. */
export interface AcceptRequest {
  readonly by: string;
  readonly reason: string;
  readonly now: Date;
}

/** The acceptance that counts. */
export interface AcceptedRun {
  readonly acceptance: Acceptance;
  /** False where another person, or another reason, was first. */
  readonly isOwn: boolean;
  /** The budget of rejected rows by which the run is finished. */
  readonly rejectedBudget: string | number;
  /** The run by its id in the log of runs; undefined where it was run on one machine. */
  readonly fleetRun: string | undefined;
}

const MAX_REASON_LENGTH = 2000;
const MAX_NAME_LENGTH = 200;

/**
 * Records that a run is to be published in spite of failed checks. The note is created once: of two persons at
 * the same time one is recorded. Nothing is published here; whatever finishes the run reads the note.
 * @throws USAGE; RUN_STATE where the run did not end by its checks.
 */
export async function acceptRun(
  store: ObjectStore,
  runId: string,
  { by, reason, now }: AcceptRequest,
): Promise<AcceptedRun> {
  refuseText('--reason', reason, MAX_REASON_LENGTH);
  refuseText('--by', by, MAX_NAME_LENGTH);
  const quality = await findQuality(store, runId);
  if (quality === undefined || failedOutcomes(quality.outcomes).length === 0) {
    const seen =
      quality === undefined ? 'its checks were not evaluated' : 'none of its checks has failed';
    throw notByChecks(runId, seen, store.uri);
  }
  const own = { by: by.trim(), at: now.toISOString(), reason: reason.trim() };
  const acceptance = await noteAcceptance(store, runId, own);
  const isOwn = acceptance.by === own.by && acceptance.reason === own.reason;
  const { rejectedBudget, fleetRun } = quality;
  return { acceptance, isOwn, rejectedBudget, fleetRun };
}

/** That a run cannot be accepted, because it did not end by its checks. */
export function notByChecks(runId: string, seen: string, where: string): ShardmillError {
  return new ShardmillError(
    'RUN_STATE',
    `run ${runId} did not end by its checks: ${seen}; only a run that ended with CHECKS_FAILED can be accepted`,
    { where, remedy: 'Look at how it stands with `shardmill status RUN` or `shardmill inspect`.' },
  );
}

/** That another person was first. */
export function acceptedByAnother(
  runId: string,
  { by, at, reason }: Acceptance,
  where: string,
): ShardmillError {
  return new ShardmillError(
    'RUN_ACCEPTED',
    `run ${runId} was accepted by ${by} at ${at}, with the reason: ${reason}`,
    { where },
  );
}

function refuseText(option: string, text: string, maxLength: number): void {
  const { length } = text.trim();
  if (length > 0 && length <= maxLength) return;
  const seen = length === 0 ? 'is empty' : `has ${length} characters`;
  throw new ShardmillError(
    'USAGE',
    `${option} ${seen}, expected a text of 1 to ${maxLength} characters`,
    { remedy: `Say it in a sentence: ${option} "…".` },
  );
}
