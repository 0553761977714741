import { type ErrorEntry, usage, failed } from './entry.js';

/** The command line and the definition of a job. */
export const definitionErrors = {
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
  CHALLENGER_INVALID: usage(
    'A challenger cannot be scored or compared beside the model of the job.',
    'Compare it with `shardmill docs challengers`.',
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
} as const satisfies Record<string, ErrorEntry>;
