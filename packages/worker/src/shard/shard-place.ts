import type { PlannedShard } from '@shardmill/core';

/** A shard as messages name it: its number, its rows, its file. */
export function whereOf({ shard, files, parts }: PlannedShard): string {
  const slices = parts.flatMap((part) => part.slices);
  const [first, last] = [slices[0], slices.at(-1)];
  const uri = files[0]?.uri ?? 'no file';
  const rows =
    files.length === 1 && first !== undefined && last !== undefined
      ? `rows ${first.firstRow} to ${last.firstRow + last.rows - 1} of ${uri}`
      : `${files.length} files from ${uri}`;
  return `shard ${shard}: ${rows}`;
}
