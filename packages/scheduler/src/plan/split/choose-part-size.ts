import type { Column, ModelWork, PartSize } from '@shardmill/core';

/** What a part is to take on one lane: so much is lost, at most, when a process is. */
const PART_SECONDS = 60;
/** Parts of a cheap model: larger ones gain nothing. */
const MAX_PART_ROWS = 262_144;
/** Where rows are divided by partition: each part has a file for each, and larger ones are fewer. */
const MAX_PARTITIONED_PART_ROWS = 1_048_576;
/** Values of such a part, all of which are kept until its files are written. */
const MAX_KEPT_VALUES = 4 * 1_048_576;
/** Below, opening and publishing a file costs more than it is worth, whatever the model. */
const MIN_PART_ROWS = 256;
/** About what one core of a server reaches in a second, in well-filled matrix products. */
const MULTIPLY_ADDS_PER_SECOND = 40e9;
const BYTES_PER_SECOND = 8e9;

/** What the files of a result hold. */
interface ResultFiles {
  readonly columns: readonly Column[];
  readonly partitionBy?: readonly string[] | undefined;
}

/**
 * Rows per part: those that the job gives, or as many as one lane scores in about a minute. What is
 * estimated is coarse and the same on every machine, so that the same job makes the same plan.
 */
export function choosePartSize(
  given: number | undefined,
  work: ModelWork | undefined,
  files: ResultFiles,
): PartSize {
  const known = work === undefined ? {} : { work };
  if (given !== undefined) return { rows: given, given: true, ...known };
  const most = maxRows(files);
  if (work === undefined) return { rows: most, given: false };
  const wanted = 2 ** Math.round(Math.log2(PART_SECONDS / secondsPerRow(work)));
  const rows = Math.max(MIN_PART_ROWS, Math.min(most, wanted));
  return { rows, given: false, ...known };
}

/** Nested values may be of any length. */
function maxRows({ columns, partitionBy }: ResultFiles): number {
  if (partitionBy === undefined) return MAX_PART_ROWS;
  const inFiles = columns.filter(({ name }) => !partitionBy.includes(name));
  if (inFiles.some(({ type }) => isNested(type))) return MAX_PART_ROWS;
  const rows = 2 ** Math.floor(Math.log2(MAX_KEPT_VALUES / Math.max(1, inFiles.length)));
  return Math.max(MAX_PART_ROWS, Math.min(MAX_PARTITIONED_PART_ROWS, rows));
}

const isNested = (type: string): boolean => /[[(]/.test(type) && !type.startsWith('DECIMAL(');

function secondsPerRow({ multiplyAdds, activationBytes }: ModelWork): number {
  return multiplyAdds / MULTIPLY_ADDS_PER_SECOND + activationBytes / BYTES_PER_SECOND;
}
