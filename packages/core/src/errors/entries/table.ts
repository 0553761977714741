import { type ErrorEntry, failed, usage } from './entry.js';

/** Tables of Delta Lake, read or written. */
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
  TABLE_MISMATCH: usage(
    'The table that is to be written differs from what the job writes, or is there although it should not be, or the reverse.',
    'Change the columns of the job to those of the table, or choose another location.',
  ),
  TABLE_CONFLICT: failed(
    'never',
    'The table was changed by another program in a way that this commit cannot follow.',
    'Look at the latest versions of the table; the parts are kept, and running again commits them or says why not.',
  ),
} as const satisfies Record<string, ErrorEntry>;
