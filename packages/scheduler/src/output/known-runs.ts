import type { ObjectStore, ParameterValues } from '@shardmill/core';
import { findPlanHead, type Location } from './read-location.js';

/** A run that an output location has a plan of. */
export interface KnownRun {
  readonly runId: string;
  readonly createdAt: string;
  readonly digest: string;
  readonly mode: string;
  /** Whether all that precedes `_SUCCESS` is there: the manifest, and the note of its commit to a table. */
  readonly isComplete: boolean;
  /** Whether its parts are files of a table. */
  readonly isTable: boolean;
  /** Of its job; none where its plan does not say. */
  readonly params: ParameterValues;
}

/** A plan that cannot be read is still a run that is there: before all others, and of no digest. */
const UNREADABLE = { createdAt: '', digest: '', mode: '' };

/** The runs of a location with what their plans say, by time. */
export async function readKnownRuns(
  store: ObjectStore,
  runs: Location['runs'],
): Promise<KnownRun[]> {
  const known: KnownRun[] = [];
  for (const { runId, hasManifest, inTable } of runs) {
    const head = await findPlanHead(store, runId);
    const { createdAt, digest, mode } = head ?? UNREADABLE;
    const isTable = head?.scoring?.output.table !== undefined;
    const isComplete = hasManifest && (inTable || !isTable);
    const params = head?.job?.params ?? {};
    known.push({ createdAt, digest, mode, runId, isComplete, isTable, params });
  }
  return known.toSorted(byTime);
}

function byTime(a: KnownRun, b: KnownRun): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1;
  return a.runId < b.runId ? -1 : 1;
}

/**
 * A run that is complete is finished once `_SUCCESS` follows. A later run deletes `_SUCCESS` for
 * its own time, so that only the latest run can lack it because it is not finished itself.
 */
export function isFinished(
  run: KnownRun,
  runsByTime: readonly KnownRun[],
  success: string | null | undefined,
): boolean {
  if (!run.isComplete) return false;
  return run !== runsByTime.at(-1) || success === run.runId;
}
