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

function precedes(a: RegisteredRun, b: RegisteredRun): boolean {
  const [since, until] = [waitsSince(a), waitsSince(b)];
  if (since !== until) return since < until;
  return a.request.run < b.request.run;
}

/** When the run was submitted, or taken up again. */
function waitsSince({ events, request }: RegisteredRun): string {
  return events.findLast(({ kind }) => kind === 'reopened')?.at ?? request.submittedAt;
}
