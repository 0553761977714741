import { type ErrorEntry, usage } from './entry.js';

/** Tables of Delta Lake. */
export const tableErrors = {
  TABLE_UNSUPPORTED: usage(
    'The table uses something that is not supported here; it is never ignored.',
    'Have the table rewritten without it, or write its rows to a folder of plain Parquet.',
  ),
  TABLE_VERSION_NOT_FOUND: usage(
    'The table does not have the version that is to be read, or has it no longer.',
    'Give a version that its log still has, or leave input.version and input.timestamp out.',
  ),
  TABLE_LOG_DAMAGED: usage(
    'The log of the table has a gap, or a file in it cannot be read.',
    'Restore the file from a backup, or read a later version from a checkpoint.',
  ),
} as const satisfies Record<string, ErrorEntry>;
