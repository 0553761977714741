import type { ProfileResult } from '../results.js';

/** What people read of profiles. */
export function profileReport(results: readonly ProfileResult[] = []): string[] {
  return results.flatMap((result) => {
    const { model, rows, withoutCpuSeconds, sampleCpuSeconds, allCpuSeconds } = result;
    const { ratio, ratioOfAllRows, goal } = result;
    const seconds = (value: number): string => `${value.toFixed(2)} s`;
    return [
      `Profile of 30 features, ${model}, ${rows.toLocaleString('en')} rows, processor time of whole processes`,
      `  without ${seconds(withoutCpuSeconds.median)}; of a sample of the rows ${seconds(sampleCpuSeconds.median)}; of all rows ${seconds(allCpuSeconds.median)}`,
      `  ratio ${ratio.median.toFixed(3)} (${ratio.min.toFixed(3)} to ${ratio.max.toFixed(3)}), of all rows ${ratioOfAllRows.median.toFixed(3)}; goal < ${goal.below ?? ''} ${goal.met ? 'met' : 'NOT met'}`,
    ];
  });
}
