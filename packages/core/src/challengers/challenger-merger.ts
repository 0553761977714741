import { InvariantError } from '../errors/invariant-error.js';
import type { ChallengerState } from './challenger-state-schema.js';
import { NumberAgreement } from './number-agreement.js';

type ColumnState = ChallengerState['columns'][number];

/** Puts together what several parts say of a challenger; their order makes no difference. */
export function mergeChallengers(
  earlier: readonly ChallengerState[] | undefined,
  later: readonly ChallengerState[],
): ChallengerState[] {
  if (earlier === undefined) return [...later];
  return earlier.map((one, index) => {
    const other = later[index];
    if (other?.name !== one.name || other.columns.length !== one.columns.length) {
      throw new InvariantError(`${one.name} is compared with something else in another part`);
    }
    return {
      name: one.name,
      sampled: one.sampled + other.sampled,
      failed: one.failed + other.failed,
      columns: one.columns.map((column, i) => mergeColumns(column, other.columns[i])),
    };
  });
}

function mergeColumns(one: ColumnState, other: ColumnState | undefined): ColumnState {
  if (one.column !== other?.column) throw new InvariantError(`${one.column} is not compared`);
  if (one.kind === 'labels' && other.kind === 'labels') {
    const [compared, equal] = [one.compared + other.compared, one.equal + other.equal];
    return { ...one, compared, equal };
  }
  if (one.kind === 'numbers' && other.kind === 'numbers') {
    const both = new NumberAgreement();
    both.merge(one);
    both.merge(other);
    return both.toState(one.column);
  }
  throw new InvariantError(`${one.column} is numbers and labels`);
}
