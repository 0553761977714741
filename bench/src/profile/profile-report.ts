import type { ProfileResult } from '../results.js';
import type { Spread } from '../spread.js';

/** What people read of profiles, checks, drift and challengers. */
export function profileReport(results: readonly ProfileResult[] = []): string[] {
  return results.flatMap((result) => {
    const { model, rows, goal, challengedGoal } = result;
    return [
      `Profile of 30 features, ${model}, ${rows.toLocaleString('en')} rows, processor time of whole processes`,
      `  without ${seconds(result.withoutCpuSeconds)}; of a sample of the rows ${seconds(result.sampleCpuSeconds)}; of all rows ${seconds(result.allCpuSeconds)}`,
      `  ratio ${shown(result.ratio)}, of all rows ${result.ratioOfAllRows.median.toFixed(3)}`,
      `  of a sample, with checks and drift ${seconds(result.checkedCpuSeconds)}: ratio ${shown(result.checkedRatio)}; goal < ${goal.below ?? ''} ${goal.met ? 'met' : 'NOT met'}`,
      `  with a challenger, a logistic regression, ${seconds(result.challengedCpuSeconds)}; that in a run of its own ${seconds(result.challengerCpuSeconds)}`,
      `  ratio ${shown(result.challengedRatio)}; goal < ${challengedGoal.below ?? ''} ${challengedGoal.met ? 'met' : 'NOT met'}`,
    ];
  });
}

const seconds = ({ median }: Spread): string => `${median.toFixed(2)} s`;

const shown = ({ median, min, max }: Spread): string =>
  `${median.toFixed(3)} (${min.toFixed(3)} to ${max.toFixed(3)})`;
