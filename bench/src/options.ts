import os from 'node:os';
import { parseArgs } from 'node:util';
import { UsageError } from './errors.js';

const MODEL_NAMES = ['lr', 'mlp', 'trees', 'lightgbm', 'forest', 'forest-onnx'] as const;
/** The others are asked for: of `lightgbm` there is little that `trees` does not show, and forests take long. */
const DEFAULT_MODELS = ['lr', 'mlp', 'trees'] as const satisfies readonly ModelName[];
export type ModelName = (typeof MODEL_NAMES)[number];

const COMPRESSIONS = ['snappy', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

export interface BenchOptions {
  readonly help: boolean;
  /** Print one JSON document instead of tables. */
  readonly json: boolean;
  readonly rows: number;
  readonly compression: Compression;
  readonly models: readonly ModelName[];
  /** Times that each program is measured; medians are reported. */
  readonly repeat: number;
  /** The Python of the pyarrow script. */
  readonly python: string;
  /** Cores that the product and the baselines may use. */
  readonly threads: number;
  /** Rows per second next to the baselines, and the peak memory at this size. */
  readonly throughput: boolean;
  /** Peak memory at four times the rows, too. */
  readonly memory: boolean;
  /** Rows of 200 DOUBLE columns next to a plain pyarrow loop. */
  readonly wide: boolean;
  readonly planner: boolean;
  readonly cliffs: boolean;
  /** An encoder of texts next to ONNX Runtime. */
  readonly encoder: boolean;
  /** Texts and lists next to ONNX Runtime. */
  readonly shapes: boolean;
  /** Texts of different lengths, grouped by length next to padded, and what tokenizing costs. */
  readonly texts: boolean;
  /** JPEGs next to sharp and ONNX Runtime alone. */
  readonly images: boolean;
  /** Two workers over S3 next to one run, and the overhead of a shard. */
  readonly fleet: boolean;
  /** From S3 to S3 next to a local run, and with latency. */
  readonly storage: boolean;
  /** Runs with a profile of all features, checks, drift and a challenger, next to runs without. */
  readonly profile: boolean;
  /** Runs with output by partition next to runs without, and a commit of 10,000 files. */
  readonly partitions: boolean;
  /** The dispatch of a run of 1,000,000 shards. */
  readonly dispatch: boolean;
  /** One scheduler with 10,000 schedules. */
  readonly schedules: boolean;
}

export const USAGE = `npm run bench -- [options]

  --rows N              rows of the dataset (4000000)
  --compression C       of the dataset: snappy, zstd (snappy)
  --models A,B          of lr, mlp, trees, lightgbm, forest, forest-onnx (the first three)
  --repeat N            measurements of each program; the median is reported (3)
  --threads N           cores for the product and for the baselines (all)
  --python PROGRAM      has pyarrow and onnxruntime, for their script (python3)
  --wide                200 DOUBLE columns, next to a plain pyarrow loop
  --memory              measure peak memory for four times the rows, too
  --planner             plan 10,000 files of 10 row groups
  --cliffs              time odd shapes: 1 row, 10,000 files, 2,000 columns, …
  --encoder             an encoder of the size of MiniLM with default settings, 4,096 rows
  --shapes              texts and lists next to a plain loop: the churn demo repeated, 300,000 lists of 384, …
  --texts               texts of 8 to 64 tokens, grouped by length next to padded, and tokenizing
  --images              JPEGs through a small convolution, next to sharp and ONNX Runtime alone
  --fleet               two workers over S3 and Redis on loopback, and the overhead of a shard
  --storage             from S3 to S3 on loopback, without and with 20 ms added to each answer
  --profile             profiles of all features, checks and drift, and a challenger, next to none
  --partitions          output by 50 partitions next to plain output, and a commit of 10,000 files
  --dispatch            plan and dispatch 1,000,000 shards: shards a second, memory of Redis
  --schedules           follow 10,000 schedules: CPU, memory, from a tick to its run
  --only                nothing but what the options above ask for
  --json                one JSON document on standard output
`;

/** Parses the command line. @throws UsageError */
export function parseOptions(args: readonly string[]): BenchOptions {
  const values = readArguments(args);
  const cores = os.availableParallelism();
  const threads = wholeNumber('--threads', values.threads ?? String(cores));
  if (threads > cores) {
    throw new UsageError(`--threads ${threads}: this process may use ${cores} cores`);
  }
  // What is left are the measurements that can be asked for.
  const {
    help,
    json,
    rows,
    compression,
    models,
    repeat,
    threads: _,
    python,
    only,
    ...asked
  } = values;
  if (only && !Object.values(asked).includes(true)) {
    const names = Object.keys(asked).map((name) => `--${name}`);
    throw new UsageError(
      `--only: expected one of ${names.slice(0, -1).join(', ')} and ${names.at(-1)} with it`,
    );
  }
  return {
    ...asked,
    help,
    json,
    rows: wholeNumber('--rows', rows),
    compression: oneOf('--compression', compression, COMPRESSIONS),
    models: models.split(',').map((name) => oneOf('--models', name.trim(), MODEL_NAMES)),
    repeat: wholeNumber('--repeat', repeat),
    threads,
    python,
    throughput: !only,
  };
}

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        json: { type: 'boolean', default: false },
        rows: { type: 'string', default: '4000000' },
        compression: { type: 'string', default: 'snappy' },
        models: { type: 'string', default: DEFAULT_MODELS.join(',') },
        repeat: { type: 'string', default: '3' },
        threads: { type: 'string' },
        python: { type: 'string', default: 'python3' },
        memory: { type: 'boolean', default: false },
        wide: { type: 'boolean', default: false },
        planner: { type: 'boolean', default: false },
        cliffs: { type: 'boolean', default: false },
        encoder: { type: 'boolean', default: false },
        shapes: { type: 'boolean', default: false },
        texts: { type: 'boolean', default: false },
        images: { type: 'boolean', default: false },
        storage: { type: 'boolean', default: false },
        fleet: { type: 'boolean', default: false },
        profile: { type: 'boolean', default: false },
        partitions: { type: 'boolean', default: false },
        dispatch: { type: 'boolean', default: false },
        schedules: { type: 'boolean', default: false },
        only: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text.replaceAll('_', ''));
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new UsageError(`${option} ${text}: expected a whole number from 1`);
  }
  return value;
}

function oneOf<T extends string>(option: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) {
    throw new UsageError(`${option} ${text}: expected one of ${choices.join(', ')}`);
  }
  return found;
}
