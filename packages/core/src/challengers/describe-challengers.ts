import type { BoundChallenger, Plan } from '../plan/plan-schema.js';
import { parseUnits, toDouble, UNIT_EXPONENT } from '../profile/exact-sum.js';
import type { ChallengerReport, ComparedColumn } from './challenger-report-schema.js';
import type { ChallengerState, NumbersState } from './challenger-state-schema.js';
import { rankCorrelation } from './rank-correlation.js';

/** What the manifest says of a run's challengers. */
export function describeChallengers(
  { scoring, challengerReleases = {} }: Pick<Plan, 'scoring' | 'challengerReleases'>,
  states: readonly ChallengerState[],
): ChallengerReport[] {
  return (scoring.challengers ?? []).flatMap((planned, index) => {
    const state = states[index];
    if (state === undefined) return [];
    const release = challengerReleases[planned.name];
    return [
      {
        name: planned.name,
        uri: planned.model.uri,
        sha256: planned.model.sha256,
        ...(release !== undefined && { model: release }),
        share: planned.share,
        rows: {
          sampled: state.sampled,
          scored: state.sampled - state.failed,
          failed: state.failed,
        },
        columns: planned.compared.flatMap((compared, i) => {
          const column = state.columns[i];
          return column === undefined ? [] : [describeColumn(planned, compared.challenger, column)];
        }),
      },
    ];
  });
}

function describeColumn(
  { bands }: Pick<BoundChallenger, 'bands'>,
  challengerColumn: string,
  state: ChallengerState['columns'][number],
): ComparedColumn {
  if (state.kind === 'labels') return { ...state, challengerColumn };
  const { kind, column, compared, largest, pairs } = state;
  return {
    kind,
    column,
    challengerColumn,
    compared,
    meanDifference: meanOf(state.sum, compared),
    meanAbsoluteDifference: meanOf(state.absoluteSum, compared),
    largestDifference: compared === 0 ? null : largest,
    rankCorrelation: rankCorrelation(pairs),
    rankedRows: pairs.length / 2,
    ...(bands !== undefined && { bands: matrixOf(bands, state) }),
  };
}

function meanOf(sum: string, rows: number): number | null {
  return rows === 0 ? null : toDouble(parseUnits(sum), UNIT_EXPONENT) / rows;
}

function matrixOf(
  limits: readonly number[],
  { bands, compared }: NumbersState,
): NonNullable<Extract<ComparedColumn, { kind: 'numbers' }>['bands']> {
  const count = limits.length + 1;
  const rows = Array.from({ length: count }, (_, band) =>
    Array.from({ length: count }, (_cell, other) => bands[band * count + other] ?? 0),
  );
  const kept = rows.reduce((sum, row, band) => sum + (row[band] ?? 0), 0);
  return { limits: [...limits], rows, changed: compared - kept };
}
