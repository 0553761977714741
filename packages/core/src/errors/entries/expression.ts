import { type ErrorEntry, usage, failed } from './entry.js';

/** Features and expressions. */
export const expressionErrors = {
  COLUMN_NOT_FOUND: usage(
    'An expression or an option names a column that the input does not have.',
    'Use one of the names that the message proposes.',
  ),
  FEATURE_MISSING: usage(
    'An input of the model has no feature, and no column of its name exists.',
    'Add it under features.',
  ),
  FEATURE_UNKNOWN: usage(
    'A feature is named after an input that the model does not have.',
    'Use the names of the model inputs.',
  ),
  PROFILE_FEATURE_UNKNOWN: usage(
    'The profile of the job names a feature that the job does not have, or that has no profile.',
    'Name an input of the model, or a column of a packed one as it stands under features.',
  ),
  PROFILE_COLUMN_TYPE: usage(
    'A column of a data set that is to be profiled has neither numbers nor texts.',
    'Name columns of numbers, booleans or texts with --columns; others can be profiled as a job makes features of them.',
  ),
  DRIFT_COLUMN_UNKNOWN: usage(
    'The drift of the job names a column that is no feature and no output with a profile.',
    'Use one of the names that the message proposes.',
  ),
  DRIFT_BASELINE_NOT_FOUND: usage(
    'There is no profile where drift.baseline says.',
    'Name a profile file, the output location of a finished run, or a run of this location; `shardmill profile create` makes a file.',
  ),
  DRIFT_BASELINE_UNREADABLE: usage(
    'What drift.baseline names is no profile of this version, or is too large.',
    'Make it anew with `shardmill profile create`, or name the profile.json of a run.',
  ),
  DRIFT_BASELINE_MISMATCH: usage(
    'The baseline lacks a feature or an output of the job, or has it with another type.',
    'Make a new baseline with `shardmill profile create`, or leave the column out: drift: { columns: { NAME: false } }.',
  ),
  FEATURE_TYPE: usage(
    "A feature's SQL type cannot be given to the model's input.",
    'Convert it in SQL, for example with try_cast(x AS FLOAT).',
  ),
  FEATURE_COUNT: usage(
    "The number of features does not match the model input's shape.",
    'Give as many expressions as the input has columns, in their order.',
  ),
  FEATURE_IMAGE: usage(
    "The options of an image feature contradict each other, or do not fit its column or the model's input.",
    'Compare it with `shardmill docs images`.',
  ),
  IMAGE_LIBRARY_MISSING: usage(
    'The job has images, and sharp, the library that decodes them, cannot be loaded.',
    'Install it for this system: npm install --include=optional sharp.',
  ),
  EXPRESSION_INVALID: usage(
    'An SQL expression cannot be parsed or bound.',
    'Fix the expression as the message of DuckDB says.',
  ),
  INDEX_OUT_OF_RANGE: usage(
    'An SQL expression takes an element of a list at a place that the list does not have in any row.',
    'Count from 1 to the length of the list, or from -1 backwards.',
  ),
  EXPRESSION_FORBIDDEN: usage(
    'An SQL expression does what a job may not: read files, use subqueries, aggregates or windows, or give another answer each time.',
    'Use scalar expressions over the columns of one row.',
  ),
  EXPRESSION_AMBIGUOUS: usage(
    'A name in an output expression can mean two things.',
    'Write input.NAME or model.NAME, or rename the output column.',
  ),
  EXPRESSION_FAILED: failed(
    'never',
    'An SQL expression failed on a value of the data.',
    'Guard it, for example with try_cast or a condition in where.',
  ),
  NULL_FEATURE: failed(
    'never',
    "A feature is null and the job says nulls: 'fail'.",
    "Fill it in SQL with coalesce, or use nulls: 'reject'.",
  ),
  TRANSFORM_INVALID: usage(
    'The transform could not be loaded, or returned something else than one Arrow record batch with a row per input row.',
    'Compare it with the section on transform in `shardmill docs job-definition`.',
  ),
  TRANSFORM_FAILED: failed('never', 'The transform threw an error.', 'Fix the transform.'),
} as const satisfies Record<string, ErrorEntry>;
