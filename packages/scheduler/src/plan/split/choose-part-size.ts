import type { ModelWork, PartSize } from '@shardmill/core';

/** What a part is to take on one lane: so much is lost, at most, when a process is. */
const PART_SECONDS = 60;
/** Parts of a cheap model: larger ones gain nothing. */
const MAX_PART_ROWS = 262_144;
/** Below, opening and publishing a file costs more than it is worth, whatever the model. */
const MIN_PART_ROWS = 256;
/** About what one core of a server reaches in a second, in well-filled matrix products. */
const MULTIPLY_ADDS_PER_SECOND = 40e9;
const BYTES_PER_SECOND = 8e9;

/**
 * Rows per part: those that the job gives, or as many as one lane scores in about a minute. What is
 * estimated is coarse and the same on every machine, so that the same job makes the same plan.
 */
export function choosePartSize(given: number | undefined, work: ModelWork | undefined): PartSize {
  const known = work === undefined ? {} : { work };
  if (given !== undefined) return { rows: given, given: true, ...known };
  if (work === undefined) return { rows: MAX_PART_ROWS, given: false };
  const wanted = 2 ** Math.round(Math.log2(PART_SECONDS / secondsPerRow(work)));
  const rows = Math.max(MIN_PART_ROWS, Math.min(MAX_PART_ROWS, wanted));
  return { rows, given: false, ...known };
}

function secondsPerRow({ multiplyAdds, activationBytes }: ModelWork): number {
  return multiplyAdds / MULTIPLY_ADDS_PER_SECOND + activationBytes / BYTES_PER_SECOND;
}
