import { metText, spreadText } from '../report-text.js';
import type { TextsResult } from '../results.js';

/** What people read of texts. */
export function textsReport(result: TextsResult | undefined): string[] {
  if (result === undefined) return [];
  const { rows, tokens, groupedPerCpuSecond, paddedPerCpuSecond, ratio, ratioByClock } = result;
  const { goal, tokenizedRows, tokenizedPerCpuSecond } = result;
  return [
    `Texts, ${rows.toLocaleString('en')} rows of ${tokens.min} to ${tokens.max} tokens, through an encoder of the size of MiniLM`,
    `  grouped by length ${groupedPerCpuSecond.median.toFixed(0)} rows a second of one core; padded to ${tokens.max} ${paddedPerCpuSecond.median.toFixed(0)}`,
    `  ratio ${spreadText(ratio, 2)}, by the clock ${ratioByClock.median.toFixed(2)}; goal >= ${goal.atLeast ?? ''} ${metText(goal)}`,
    `  ${tokenizedRows.toLocaleString('en')} rows through a model that costs nothing: ${tokenizedPerCpuSecond.median.toFixed(0)} rows a second of one core, start, reading and writing included`,
  ];
}
