import { metText, secondsText, spreadText } from '../report-text.js';
import type { ProfileResult } from '../results.js';

/** What people read of profiles, checks, drift and challengers. */
export function profileReport(results: readonly ProfileResult[] = []): string[] {
  return results.flatMap((result) => {
    const { model, rows, goal, challengedGoal } = result;
    return [
      `Profile of 30 features, ${model}, ${rows.toLocaleString('en')} rows, processor time of whole processes`,
      `  without ${secondsText(result.withoutCpuSeconds)}; of a sample of the rows ${secondsText(result.sampleCpuSeconds)}; of all rows ${secondsText(result.allCpuSeconds)}`,
      `  ratio ${spreadText(result.ratio, 3)}, of all rows ${result.ratioOfAllRows.median.toFixed(3)}`,
      `  of a sample, with checks and drift ${secondsText(result.checkedCpuSeconds)}: ratio ${spreadText(result.checkedRatio, 3)}; goal < ${goal.below ?? ''} ${metText(goal)}`,
      `  with a challenger, a logistic regression, ${secondsText(result.challengedCpuSeconds)}; that in a run of its own ${secondsText(result.challengerCpuSeconds)}`,
      `  ratio ${spreadText(result.challengedRatio, 3)}; without its inference (${secondsText(result.challengerInferenceSeconds)}) ${spreadText(result.challengedBesidesRatio, 3)}; goal < ${challengedGoal.below ?? ''} ${metText(challengedGoal)}`,
    ];
  });
}
