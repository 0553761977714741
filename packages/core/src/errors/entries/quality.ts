import { type ErrorEntry, failed, usage } from './entry.js';

/** Checks of a job, and the publication of a run in spite of them. */
export const qualityErrors = {
  CHECKS_FAILED: {
    exit: 'checksFailed',
    retry: 'never',
    meaning:
      'Every row is accounted for, but a check with severity `fail` did not pass: the result is not published.',
    remedy:
      'Look at it with `shardmill report`. To publish it as it is: `shardmill accept RUN --reason TEXT`.',
  },
  CHECK_COLUMN_NOT_FOUND: usage(
    'A check names an output column or a feature that the job does not have.',
    'Use one of the names that the message proposes.',
  ),
  CHECK_COLUMN_NOT_PROFILED: usage(
    'A check is of a column that has no profile, or not what the check needs of it.',
    'Name the feature under profile.features, or check a column that the job computes as a number or a text.',
  ),
  CHECK_COLUMN_TYPE: usage(
    'A check of a key is of a column of lists or structures.',
    'Check a column of a plain type.',
  ),
  CHECK_SQL_INVALID: usage(
    'The SQL of a check is not one SELECT over the table `profile`, or names a column that the table does not have.',
    'Compare it with the columns that docs/quality.md lists under "As Parquet".',
  ),
  RUN_ACCEPTED: failed(
    'never',
    'The run was accepted already, for another reason or by another person: that is what is recorded.',
    'Nothing needs to be done: the run is published by that acceptance.',
  ),
} as const satisfies Record<string, ErrorEntry>;
