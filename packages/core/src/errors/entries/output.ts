import { type ErrorEntry, usage, failed } from './entry.js';

/** The output. */
export const outputErrors = {
  OUTPUT_EXISTS: usage(
    'The output location already has results, or an unfinished run of other data.',
    'Choose another location, or use --mode overwrite or append.',
  ),
  OUTPUT_NOT_WRITABLE: usage(
    'The output location cannot be written.',
    'Check the path and the rights of the user that runs this.',
  ),
  OUTPUT_INSIDE_INPUT: usage(
    'The output location lies inside the input, so that results would be read as input.',
    'Choose an output location outside the input.',
  ),
  OUTPUT_CONFLICT: failed(
    'never',
    'An object of this run exists already with content that this run did not plan.',
    'Find out who writes to this location; nothing was overwritten.',
  ),
  PARTITION_COLUMN: usage(
    'A column of output.partitionBy cannot divide the rows into folders.',
    'Name output columns that are computed from columns of the input alone, and whose type is a text, an integer, BOOLEAN or DATE.',
  ),
  PARTITION_VALUE: usage(
    'A partition column has a value that cannot be the name of a folder which every reader takes for that value.',
    "Replace such values in the column's expression, or leave the rows out with input.where.",
  ),
  PARTITION_LIMIT: usage(
    'The rows of one part fall into more partitions than can be written at once.',
    'Partition by fewer or coarser columns, or set plan.partRows to a smaller number of rows.',
  ),
  DISK_FULL: failed(
    'again',
    'No space is left: the device is full, or a quota or a limit of file sizes is reached.',
    'Free some space and run once more: parts that are done are kept.',
  ),
  STORE_UNSUPPORTED: usage(
    'The store cannot create an object only if it does not exist, on which the promise rests that no row is doubled.',
    'Use a file system with hard links, or an object store that honours If-None-Match on PUT.',
  ),
  STORE_DENIED: usage(
    'The object store refused the credentials, or what they may do.',
    'Check the credentials and the policy of the bucket; `shardmill doctor` tries each operation.',
  ),
  STORE_UNREACHABLE: failed(
    'free',
    'The object store did not answer, or asked to slow down for longer than is waited.',
    'Check the endpoint and the network; nothing is lost, and going on needs no repair.',
  ),
} as const satisfies Record<string, ErrorEntry>;
