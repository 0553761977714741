import { type ErrorEntry, failed, usage } from './entry.js';

/** Runs, engines and workers. */
export const runErrors = {
  ENGINE_CRASHED: failed(
    'again',
    'The engine process died.',
    'If it happens again with the same part, look at the model or the file named here.',
  ),
  ENGINE_OUT_OF_MEMORY: failed(
    'again',
    'The engine process went over its memory limit and was stopped, or memory ran out.',
    'Lower resources.lanes, or resources.batchRows or batchTokens if it is set, or raise resources.memoryLimit.',
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
  RUN_STATE: usage(
    'The run is in a state in which this cannot be done.',
    'Look at it with `shardmill status RUN`.',
  ),
  REPORT_NOT_OPENED: failed(
    'never',
    'The report was written, and no program could be started to show it.',
    'Open the file in a browser.',
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
  MAX_DURATION_REACHED: {
    exit: 'overBudget',
    retry: 'never',
    meaning: 'The run took longer than limits.maxDuration allows, and was stopped.',
    remedy:
      'Run the same command again: it goes on at the first missing part, with the whole time anew. Raise limits.maxDuration (--max-duration) if it needs longer.',
  },
  MAX_COST_REACHED: {
    exit: 'overBudget',
    retry: 'never',
    meaning: 'The run cost as much as limits.maxCost allows, and was stopped.',
    remedy:
      'Raise limits.maxCost (--max-cost) and run the same command again: it goes on at the first missing part. What was spent before counts.',
  },
  PRICE_MISSING: usage(
    'A job has limits.maxCost, and the configuration has no price for its pool.',
    'Set price.workerHour, or leave limits.maxCost out.',
  ),
  INTERRUPTED: {
    exit: 'interrupted',
    retry: 'free',
    meaning: 'The run was stopped from outside.',
    remedy: 'Run the same command again: it goes on at the first missing part.',
  },
  INTERNAL: failed('again', 'Something happened that should not.', 'This is a bug: report it.'),
} as const satisfies Record<string, ErrorEntry>;
