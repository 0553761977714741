/**
 * Every error a person can meet, in one place. `docs/errors.md` is held against this table by a
 * test, both ways.
 *
 * - `exit`: what the command line answers with (see `EXIT_CODES`).
 * - `retry`: what the scheduler does with a shard that fails this way. `never`: the same would
 *   happen again; `again`: another attempt may succeed; `free`: not the shard's fault, no attempt
 *   is spent.
 * - `meaning`: what happened, in one sentence.
 * - `remedy`: what to do next, used when the error itself does not say something better.
 */
export interface ErrorEntry {
  readonly exit: ExitName;
  readonly retry: 'never' | 'again' | 'free';
  readonly meaning: string;
  readonly remedy: string;
}

export const EXIT_CODES = {
  done: 0,
  failed: 1,
  usage: 2,
  overBudget: 3,
  skipped: 4,
  interrupted: 130,
} as const;
export type ExitName = keyof typeof EXIT_CODES;

const usage = (meaning: string, remedy: string): ErrorEntry => ({
  exit: 'usage',
  retry: 'never',
  meaning,
  remedy,
});
const failed = (retry: ErrorEntry['retry'], meaning: string, remedy: string): ErrorEntry => ({
  exit: 'failed',
  retry,
  meaning,
  remedy,
});

export const ERRORS = {
  // The command line and the definition.
  USAGE: usage('The command line was not understood.', 'Run the command with --help.'),
  JOB_NOT_FOUND: usage(
    'There is no job of that name and no definition at that path.',
    'Give a folder name under jobs/ or the path of a job.ts, .yaml or .json file.',
  ),
  JOB_UNREADABLE: usage(
    'The job file could not be read or run.',
    'Fix the syntax or import error that the message quotes.',
  ),
  JOB_INVALID: usage(
    'The job definition has a key or a value that is not allowed.',
    'Compare it with `shardmill docs job-definition`.',
  ),
  JOB_TOO_LARGE: usage(
    'The definition is larger than a definition may be.',
    'Put long lists of values into a column of the input, and data into its own files.',
  ),
  JOB_UNDECIDED: usage(
    'The job was written by `init`, which left something in it for a person to decide.',
    'Replace each text that begins with DECIDE: as the comment above it says.',
  ),
  JOB_EXISTS: usage('The folder to create already exists.', 'Choose another name.'),
  PARAMETER_UNKNOWN: usage(
    'A parameter is not declared by the job, or a template names one that is not.',
    'Declare it under params, or correct its name.',
  ),
  PARAMETER_MISSING: usage(
    'A parameter without a default was not given.',
    'Give it with --param NAME=VALUE.',
  ),
  PARAMETER_INVALID: usage(
    "A parameter's value is not of its declared type.",
    'Give a value of that type.',
  ),
  TEMPLATE_INVALID: usage(
    'A template of the job is not written as templates are, or does what its value cannot do.',
    'Write it as in {{ ds - 1d }} or {{ ds | yyyy/MM/dd }}; see `shardmill docs job-definition`.',
  ),
  URI_UNSUPPORTED: usage(
    'No object store serves this kind of location.',
    'Use a path, or a file:// or s3:// location.',
  ),
  CONFIG_INVALID: usage(
    'A configuration file, environment variable or option has a value that is not allowed.',
    'Run `shardmill config` to see each setting and where it comes from.',
  ),

  LOCATION_FORBIDDEN: usage(
    'The configuration of this machine does not allow what a job names.',
    'Put it where the allow settings of the fleet let it be, or have those extended.',
  ),
  MESSAGE_REFUSED: failed(
    'never',
    'A queued shard is not what the log of runs says: it was forged, damaged, or is out of date.',
    'If a run failed of it, give workers and schedulers the same state.uri and version; else the scheduler has queued what is missing. Find out who else writes to Redis.',
  ),

  // The input.
  INPUT_NOT_FOUND: usage(
    'The input location does not exist or matches nothing.',
    'Check the path, the glob and the parameters in it.',
  ),
  INPUT_EMPTY: usage(
    'The input folder holds no Parquet file.',
    'Point input.uri at *.parquet files; names that begin with _ or . are not read.',
  ),
  INPUT_IS_TABLE: usage(
    'The input is a table of Delta Lake, Apache Iceberg or Apache Hudi: its files hold rows that are no longer in it.',
    'List the files of the version to score, or write that version to a folder of plain Parquet.',
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

  // The model.
  MODEL_NOT_FOUND: usage('The model file does not exist.', 'Check the path; in a job, model.uri.'),
  MODEL_INVALID: usage(
    'The file is not an ONNX model, or is damaged.',
    'Export the model again and check it with `shardmill inspect`.',
  ),
  MODEL_OPERATOR_UNSUPPORTED: usage(
    'The model uses an operator or a version of one that ONNX Runtime here does not have.',
    'Export with an older opset, or without the custom operator.',
  ),
  MODEL_SHA256_MISMATCH: usage(
    'The model file is not the one that the job pins.',
    'Update model.sha256 if the new model is wanted.',
  ),
  MODEL_SHA256_MISSING: usage(
    'The configuration demands that jobs pin their model by its digest, and the job does not.',
    'Write its digest as model.sha256 into the job; `sha256sum FILE` computes it.',
  ),
  MODEL_CHANGED: failed(
    'never',
    'The model file changed after the plan was made.',
    'Start a new run.',
  ),
  MODEL_RUN_FAILED: failed(
    'never',
    'The model throws for every row that it is given.',
    'Look at the message of ONNX Runtime; most often a shape or an input is wrong.',
  ),
  MODEL_OUTPUT_SHAPE: failed(
    'never',
    'A model output does not have one row per input row.',
    'Export the model so that the first dimension of every output is the batch.',
  ),
  MODEL_NOT_ROW_WISE: usage(
    'The score of a row depends on the other rows of the same call of the model.',
    'Export the model so that each row is scored by itself (quantize it statically, normalize over the last axis, use eval mode), or fix the rows of every call in the job: model.batching: { rows: 1024 }.',
  ),
  MODEL_NOT_DETERMINISTIC: usage(
    'The model gives another score for the same rows each time.',
    'Export the model in eval mode, without operators that draw random numbers.',
  ),
  MODEL_OUTPUT_NOT_TENSOR: usage(
    'An output of the model is a map or a sequence, not a tensor, and not made by ZipMap.',
    "Use the model's tensor outputs, or export it with a tensor in its place.",
  ),

  // Features and expressions.
  COLUMN_NOT_FOUND: usage(
    'An expression names a column that the input does not have.',
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
  FEATURE_TYPE: usage(
    "A feature's SQL type cannot be given to the model's input.",
    'Convert it in SQL, for example with try_cast(x AS FLOAT).',
  ),
  FEATURE_COUNT: usage(
    "The number of features does not match the model input's shape.",
    'Give as many expressions as the input has columns, in their order.',
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

  // The output.
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

  // The run.
  ENGINE_CRASHED: failed(
    'again',
    'The engine process died.',
    'If it happens again with the same part, look at the model or the file named here.',
  ),
  ENGINE_OUT_OF_MEMORY: failed(
    'again',
    'The engine process went over its memory limit and was stopped, or memory ran out.',
    'Lower resources.lanes, or resources.batchRows if it is set, or raise resources.memoryLimit.',
  ),
  PART_TIMEOUT: failed(
    'again',
    'A part did not go on for longer than its limit and was stopped.',
    'Raise errors.partTimeout, or lower resources.batchRows if it is set.',
  ),
  SHARDS_FAILED: failed(
    'never',
    'Some shards failed; the others are done and kept.',
    'Fix the cause and run the same command again: it goes on at the first missing part.',
  ),
  ROW_ACCOUNTING: failed(
    'never',
    'The rows read are not the rows scored, rejected and filtered together.',
    'This is a bug: keep the output folder and report it.',
  ),
  PLAN_TIMEOUT: failed(
    'never',
    'Planning took longer than its limit and was stopped.',
    'Name the folder that is meant instead of a wide pattern, take constants that are expensive to compute out of expressions, or raise plan.timeout.',
  ),
  PLAN_OUT_OF_MEMORY: failed(
    'never',
    'Planning went over its memory limit and was stopped.',
    'Take large constants out of expressions, plan fewer or smaller files at once, or raise plan.memoryLimit.',
  ),
  PLAN_MISMATCH: failed(
    'never',
    'A stored plan or record cannot be read by this version or belongs to another plan.',
    'Start a new run in a new location.',
  ),
  RUN_NOT_FOUND: usage(
    'No run of that id is known.',
    'List them with `shardmill runs`; the state location must be the one it was submitted to.',
  ),
  SCHEDULE_NOT_FOUND: usage(
    'There is no schedule of that name.',
    'List them with `shardmill schedule list`; the state location must be the one it was set in.',
  ),
  BACKFILL_NOT_FOUND: usage(
    'No backfill of that id is known.',
    'List them with `shardmill backfill list`; the state location must be the one it was begun in.',
  ),
  BACKFILL_FAILED: failed(
    'never',
    'Some dates of a backfill did not finish; the others are done and kept.',
    'Look at them with `shardmill backfill show ID`, fix the cause, then `shardmill backfill resume ID`.',
  ),
  BACKFILL_STATE: usage(
    'The backfill is in a state in which this cannot be done.',
    'Look at it with `shardmill backfill show ID`.',
  ),
  BACKFILL_OUTPUT_SHARED: usage(
    'Several dates of a backfill would write to one output location, and replace each other.',
    'Put the date into output.uri, for example output: { uri: "scores/ds={{ ds }}" }.',
  ),
  RUN_STATE: usage(
    'The run is in a state in which this cannot be done.',
    'Look at it with `shardmill status RUN`.',
  ),
  RUN_KEY_CONFLICT: usage(
    'A run of that key exists already, for another job, other data or other parameters.',
    'Use another --run-key, or the definition with which the key was used first.',
  ),
  RUN_CANCELLED: failed(
    'never',
    'The run was cancelled.',
    'Go on with `shardmill resume RUN`: parts that are done are kept.',
  ),
  RUN_SKIPPED: {
    exit: 'skipped',
    retry: 'never',
    meaning:
      "The run was skipped: its input did not come in time, and the job says onTimeout: 'skip'.",
    remedy:
      'Nothing was scored. Run again when the input is there; `shardmill resume RUN` waits anew.',
  },
  WORKER_LOST: failed(
    'never',
    'Worker after worker died while it worked on this shard.',
    'Look at why they died: most often the memory of the container is smaller than the worker believes.',
  ),
  REDIS_UNREACHABLE: failed(
    'again',
    'Redis does not answer.',
    'Check the address, or start Redis; runs that are under way go on where they were.',
  ),
  REDIS_UNSUITABLE: usage(
    'Redis is too old, or set up so that it may drop what is queued.',
    'Use Redis 6.2 or later, or Valkey, with maxmemory-policy noeviction.',
  ),
  PROVIDER_MISSING: usage(
    'The ONNX Runtime of this worker lacks an execution provider that the job requires.',
    "Install it as `shardmill docs gpu` says, or name a fallback: executionProviders: ['cuda', 'cpu'].",
  ),
  DEVICE_OUT_OF_MEMORY: failed(
    'again',
    'The device has not enough memory for the model, even with one row.',
    'Use a device with more memory, or a smaller model.',
  ),
  NOTIFY_SECRET_MISSING: usage(
    'An environment variable that a receiver of notifications names is not set.',
    'Set it where the schedulers run, and where `shardmill run` does; or take urlEnv or secretEnv away.',
  ),
  NOTIFY_FORBIDDEN: usage(
    'A job may not send notifications to this address.',
    'Name the host in allow.notify of the fleet, or put the receiver into its configuration.',
  ),
  NOTIFY_FAILED: failed(
    'again',
    'A receiver did not accept a notification.',
    'Look at the receiver; the notification is sent again, with the same id, for a day.',
  ),
  SCORES_DIFFER: failed(
    'never',
    'The scores are not the expected ones.',
    'Look at the rows that differ most: features in another order or of another type, missing values filled in another way, or another model.',
  ),
  REJECTED_OVER_BUDGET: {
    exit: 'overBudget',
    retry: 'never',
    meaning: 'All rows were worked on, but more were rejected than errors.maxRejectedRows allows.',
    remedy:
      'Look at the rejected rows; raise the budget with --max-rejected-rows to accept them (nothing is scored again).',
  },
  INTERRUPTED: {
    exit: 'interrupted',
    retry: 'free',
    meaning: 'The run was stopped from outside.',
    remedy: 'Run the same command again: it goes on at the first missing part.',
  },
  INTERNAL: failed('again', 'Something happened that should not.', 'This is a bug: report it.'),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;
