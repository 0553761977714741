import { frequentReasons, type RejectedReasons } from '@shardmill/core';
import type { RejectedFile } from './record-summary.js';

/** A file that is read whole for a few of its rows. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;
/** Up to this size a larger file is better: it has more rows. */
const QUICK_BYTES = 1024 * 1024;
const MAX_FILES = 6;

/**
 * Files that have examples of each of the most frequent reasons, as far as records say: of each
 * reason one file of a shard that has it. Which part of a shard it is in is not recorded.
 */
export function chooseRejectedFiles(
  files: readonly RejectedFile[],
  reasons: RejectedReasons,
): RejectedFile[] {
  const quick = files.filter(({ bytes }) => bytes <= QUICK_BYTES);
  const slow = files.filter(({ bytes }) => bytes > QUICK_BYTES && bytes <= MAX_FILE_BYTES);
  const inOrder = [
    ...quick.toSorted((a, b) => b.bytes - a.bytes),
    ...slow.toSorted((a, b) => a.bytes - b.bytes),
  ];
  const chosen = new Set<RejectedFile>();
  for (const [reason] of frequentReasons(reasons)) {
    if (chosen.size >= MAX_FILES) break;
    if ([...chosen].some((file) => file.reasons[reason] !== undefined)) continue;
    const file = inOrder.find((candidate) => candidate.reasons[reason] !== undefined);
    if (file !== undefined) chosen.add(file);
  }
  return [...chosen];
}
