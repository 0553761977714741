import type { ObjectStore } from '@shardmill/core';
import { findPlanHead, type Location } from './read-location.js';

/** A run that an output location has a plan of. */
export interface KnownRun {
  readonly runId: string;
  readonly createdAt: string;
  readonly digest: string;
  readonly mode: string;
  readonly hasManifest: boolean;
}

/** A plan that cannot be read is still a run that is there: before all others, and of no digest. */
const UNREADABLE = { createdAt: '', digest: '', mode: '' };

/** The runs of a location with what their plans say, by time. */
export async function readKnownRuns(
  store: ObjectStore,
  runs: Location['runs'],
): Promise<KnownRun[]> {
  const known: KnownRun[] = [];
  for (const { runId, hasManifest } of runs) {
    const head = (await findPlanHead(store, runId)) ?? UNREADABLE;
    known.push({ ...head, runId, hasManifest });
  }
  return known.toSorted(byTime);
}

function byTime(a: KnownRun, b: KnownRun): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1;
  return a.runId < b.runId ? -1 : 1;
}

/**
 * A run with a manifest is finished once `_SUCCESS` follows. A later run deletes `_SUCCESS` for
 * its own time, so that only the latest run can lack it because it is not finished itself.
 */
export function isFinished(
  run: KnownRun,
  runsByTime: readonly KnownRun[],
  success: string | null | undefined,
): boolean {
  if (!run.hasManifest) return false;
  return run !== runsByTime.at(-1) || success === run.runId;
}
