import type { RegisteredRun } from '../../state/fold-run.js';

/** A run that has not ended, and the location that it writes to. */
export interface PlacedRun {
  readonly run: RegisteredRun;
  readonly output: string;
}

/**
 * The run that should have the location's next turn before this one, or undefined: of several that
 * overwrite each other the one that was submitted last should come last. This is courtesy;
 * `OutputTurns` decides.
 */
export function whoGoesFirst(mine: PlacedRun, others: readonly PlacedRun[]): string | undefined {
  let first = mine;
  for (const other of others) {
    if (other.output === mine.output && precedes(other.run, first.run)) first = other;
  }
  return first === mine ? undefined : first.run.request.run;
}

/** By when the run was submitted, or taken up again. */
function precedes(a: RegisteredRun, b: RegisteredRun): boolean {
  if (a.since !== b.since) return a.since < b.since;
  return a.request.run < b.request.run;
}
