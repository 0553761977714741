import type { CommitResult, Goal, PartitionsResult } from '../results.js';
import type { Spread } from '../spread.js';

/** What people read of partitioned output, and of a commit of many files. */
export function partitionsReport(
  results: readonly PartitionsResult[] = [],
  commit?: CommitResult,
): string[] {
  return [...results.flatMap(partitionLines), ...(commit === undefined ? [] : commitLines(commit))];
}

function partitionLines(result: PartitionsResult): string[] {
  const { model, rows, partitions, plain, divided, cpuRatio, ratio, goal } = result;
  return [
    `Output by ${partitions} partitions next to plain output, ${model}, ${rows.toLocaleString('en')} rows, whole processes`,
    `  processor time ${seconds(divided.cpuSeconds)} and ${seconds(plain.cpuSeconds)}: ratio ${spread(cpuRatio)}; goal < ${goal.below ?? ''} ${met(goal)}`,
    `  by the clock ${seconds(divided.seconds)} and ${seconds(plain.seconds)}: ratio ${spread(ratio)}`,
  ];
}

function commitLines({
  files,
  commit,
  replace,
  commitBytes,
  peakBytes,
  goals,
}: CommitResult): string[] {
  const of = ({ ms, cpuMs }: typeof commit): string =>
    `${(ms / 1000).toFixed(2)} s, ${(cpuMs / 1000).toFixed(2)} s of processor time`;
  return [
    `A commit of ${files.toLocaleString('en')} files to a table in a folder, on one core`,
    `  the first of the table ${of(commit)}, ${(commitBytes / 1e6).toFixed(1)} MB; goal < ${(goals.ms.below ?? 0) / 1000} s ${met(goals.ms)}`,
    `  one that replaces as many ${of(replace)}`,
    `  peak ${(peakBytes / 1e6).toFixed(0)} MB of memory; goal < ${(goals.peakBytes.below ?? 0) / 1e6} ${met(goals.peakBytes)}`,
  ];
}

const met = (goal: Goal): string => (goal.met ? 'met' : 'NOT met');
const seconds = ({ median }: Spread): string => `${median.toFixed(2)} s`;
const spread = ({ median, min, max }: Spread): string =>
  `${median.toFixed(3)} (${min.toFixed(3)} to ${max.toFixed(3)})`;
