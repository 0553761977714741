import { type ErrorEntry, usage, failed } from './entry.js';

/** The input. */
export const inputErrors = {
  INPUT_NOT_FOUND: usage(
    'The input location does not exist or matches nothing.',
    'Check the path, the glob and the parameters in it.',
  ),
  INPUT_EMPTY: usage(
    'The input folder holds no Parquet file.',
    'Point input.uri at *.parquet files; names that begin with _ or . are not read.',
  ),
  INPUT_IS_TABLE: usage(
    'The input is a table of Apache Iceberg or Apache Hudi, or only part of one of Delta Lake: its files hold rows that are no longer in it.',
    'Name the folder of a Delta Lake table itself; write the version of another table to a folder of plain Parquet.',
  ),
  INPUT_UNREADABLE: usage(
    'An input file may not be read.',
    'Give the user that runs this the right to read it.',
  ),
  INPUT_NOT_PARQUET: usage(
    'An input file is truncated, has a damaged footer, or is not Parquet at all.',
    'Write the file again, or leave it out with a narrower glob.',
  ),
  INPUT_UNSUPPORTED: usage(
    'A column that the job uses has a type, a codec or an encoding of Parquet that is not read here.',
    'Write the files again with another type, codec or encoding for that column, or leave it out of the job.',
  ),
  INPUT_FOOTER_TOO_LARGE: usage(
    'The footer of an input file is larger than is read.',
    'Write fewer row groups or columns per file, or raise input.maxFooter.',
  ),
  INPUT_SCHEMA_MISMATCH: usage(
    'Input files do not have the same columns or types.',
    "Set input.missingColumns to 'null', or write the files with one schema.",
  ),
  INPUT_DAMAGED: failed(
    'never',
    'A data page of an input file cannot be decoded.',
    'Write that file again and start a new run, elsewhere or with --mode overwrite: other data is not mixed into this one.',
  ),
  INPUT_CHANGED: failed(
    'never',
    'An input file changed after the plan was made; old and new data are never mixed.',
    'Start a new run, elsewhere or with --mode overwrite.',
  ),
  INPUT_WAIT_TIMEOUT: failed(
    'never',
    'What input.waitFor waits for was not there within its timeout.',
    'Look at what writes the input; run again when it is there, or raise input.waitFor.timeout.',
  ),
} as const satisfies Record<string, ErrorEntry>;
