import { createHash } from 'node:crypto';
import type { RegisteredRun } from '../../state/fold-run.js';

/** More rounds than any run has. */
const ROUNDS_PER_RUN = 10_000;

/** The number of a submitted run's round in its plan. */
export function attemptRound({
  request,
  planRun,
  round,
}: Pick<RegisteredRun, 'request' | 'planRun' | 'round'>): number {
  return roundInPlan(request.run, planRun ?? request.run, round);
}

/**
 * The number of a round in a plan, under which its failures are stored. A run that adopted the plan
 * of another one, as each later start of a local run does, counts in a range of its own, so that it
 * never takes the other's failures for its own.
 */
export function roundInPlan(run: string, planRun: string, round: number): number {
  if (planRun === run) return round;
  const digest = createHash('sha256').update(run).digest();
  return (digest.readUInt32BE(0) + 1) * ROUNDS_PER_RUN + round;
}

/** Names a round of a submitted run among all that work at one location. */
export function turnOf({ request, round }: Pick<RegisteredRun, 'request' | 'round'>): string {
  return `${request.run}.${round}`;
}
