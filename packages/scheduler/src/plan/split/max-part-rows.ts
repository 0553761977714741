import type { Column } from '@shardmill/core';

/** Rows of a part of a cheap model: larger ones gain nothing. */
const MAX_PART_ROWS = 262_144;
/** Where rows are divided by partition: each part has a file for each, and larger ones are fewer. */
const MAX_PARTITIONED_PART_ROWS = 1_048_576;
/** Values of such a part, all of which are kept until its files are written. */
const MAX_KEPT_VALUES = 4 * 1_048_576;

/** What the files of a result hold. */
export interface ResultFiles {
  readonly columns: readonly Column[];
  readonly partitionBy?: readonly string[] | undefined;
}

/** Rows of a part, at most, where the job says nothing of it. Nested values may be of any length. */
export function maxPartRows({ columns, partitionBy }: ResultFiles): number {
  if (partitionBy === undefined) return MAX_PART_ROWS;
  const inFiles = columns.filter(({ name }) => !partitionBy.includes(name));
  if (inFiles.some(({ type }) => isNested(type))) return MAX_PART_ROWS;
  const rows = 2 ** Math.floor(Math.log2(MAX_KEPT_VALUES / Math.max(1, inFiles.length)));
  return Math.max(MAX_PART_ROWS, Math.min(MAX_PARTITIONED_PART_ROWS, rows));
}

const isNested = (type: string): boolean => /[[(]/.test(type) && !type.startsWith('DECIMAL(');
