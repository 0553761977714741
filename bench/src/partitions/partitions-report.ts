import { metText, secondsText, spreadText } from '../report-text.js';
import type { CommitResult, PartitionsResult } from '../results.js';

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
    `  processor time ${secondsText(divided.cpuSeconds)} and ${secondsText(plain.cpuSeconds)}: ratio ${spreadText(cpuRatio, 3)}; goal < ${goal.below ?? ''} ${metText(goal)}`,
    `  by the clock ${secondsText(divided.seconds)} and ${secondsText(plain.seconds)}: ratio ${spreadText(ratio, 3)}`,
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
    `  the first of the table ${of(commit)}, ${(commitBytes / 1e6).toFixed(1)} MB; goal < ${(goals.ms.below ?? 0) / 1000} s ${metText(goals.ms)}`,
    `  one that replaces as many ${of(replace)}`,
    `  peak ${(peakBytes / 1e6).toFixed(0)} MB of memory; goal < ${(goals.peakBytes.below ?? 0) / 1e6} ${metText(goals.peakBytes)}`,
  ];
}
