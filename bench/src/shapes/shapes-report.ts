import { metText, spreadText } from '../report-text.js';
import type { Goal, ShapeResult } from '../results.js';

/** What people read of texts and lists. */
export function shapesReport(results: readonly ShapeResult[] = []): string[] {
  return results.flatMap(
    ({ name, rows, product, productPerCpuSecond, runtime, loop, peaks, memoryGoal }) => [
      `${name}, ${rows.toLocaleString('en')} rows, files in and out`,
      `  product ${thousands(product.median)} rows/s, ${thousands(productPerCpuSecond.median)} per CPU second; peak memory ${megabytes(peaks.pssBytes)} (PSS)${goalText(memoryGoal, megabytes)}`,
      `  ONNX Runtime alone, all threads, values in memory ${thousands(runtime.rowsPerSecond.median)} rows/s; ratio ${spreadText(runtime.ratio, 2)}${goalText(runtime.goal)}`,
      'leftOut' in loop
        ? `  plain loop left out: ${loop.leftOut}`
        : `  plain loop (bench/peers/plain_loop.py) ${thousands(loop.rowsPerSecond.median)} rows/s, ${thousands(loop.rowsPerCpuSecond.median)} per CPU second; ratio ${spreadText(loop.ratio, 2)}${goalText(loop.goal)}`,
    ],
  );
}

function goalText(goal: Goal | undefined, show: (value: number) => string = String): string {
  if (goal === undefined) return '';
  const wanted =
    goal.below === undefined ? `>= ${show(goal.atLeast ?? 0)}` : `< ${show(goal.below)}`;
  return `; goal ${wanted} ${metText(goal)}`;
}

const thousands = (value: number): string => `${Math.round(value / 1000).toLocaleString('en')} k`;
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
