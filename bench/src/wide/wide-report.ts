import { metText, spreadText } from '../report-text.js';
import type { WideResult } from '../results.js';
import type { Spread } from '../spread.js';

/** What people read of the dataset with many columns. */
export function wideReport(result: WideResult | undefined): string[] {
  if (result === undefined) return [];
  const { rows, columns, bytes, product, loop, peaks, memoryGoal } = result;
  const rates = (of: WideResult['product']): string =>
    `${thousands(of.rowsPerSecond)} rows/s, ${thousands(of.rowsPerCpuSecond)} per CPU second`;
  return [
    `${columns} DOUBLE columns, a logistic regression over all of them, ${rows.toLocaleString('en')} rows, ${megabytes(bytes)}`,
    `  product ${rates(product)}`,
    'leftOut' in loop
      ? `  plain pyarrow loop left out: ${loop.leftOut}`
      : `  plain pyarrow loop ${rates(loop)}; ratio ${spreadText(loop.ratio, 2)}; goal >= ${loop.goal.atLeast ?? ''} ${metText(loop.goal)}`,
    `  peak memory ${megabytes(peaks.pssBytes)} (PSS); goal < ${megabytes(memoryGoal.below ?? 0)} ${metText(memoryGoal)}`,
  ];
}

function thousands({ median, min, max }: Spread): string {
  const text = (value: number): string => (value / 1000).toFixed(0);
  return `${text(median)} k (${text(min)} to ${text(max)})`;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
