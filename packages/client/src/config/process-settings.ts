import type { Setting } from './setting.js';

/** How workers, schedulers and their engines work. */
export const processSettings = {
  'worker.pool': {
    type: 'pool',
    flag: '--pool <name>',
    default: 'cpu',
    meaning: 'takes the shards of jobs whose resources.pool is this',
  },
  'worker.engines': {
    type: 'engines',
    flag: '--engines <n>',
    default: null,
    otherwise: 'one for every four cores',
    meaning: 'engine processes',
  },
  'worker.lanes': {
    type: 'lanes',
    flag: '--lanes <n>',
    default: null,
    otherwise: "the job's, else what suits cores and memory",
    meaning: 'inference threads per engine process, each with its own session',
  },
  'worker.memoryLimit': {
    type: 'memory',
    flag: '--memory-limit <size>',
    default: null,
    otherwise: "the job's, else 80%",
    meaning: 'of all engine processes together: 2GiB, or 60% of what this process may use',
  },
  'worker.grace': {
    type: 'duration',
    flag: '--grace <time>',
    default: '25s',
    meaning: 'time from SIGTERM to the end: a part is finished if it fits, else handed back',
  },
  'worker.notices': {
    type: 'notices',
    flag: '--notices <clouds>',
    default: null,
    otherwise: 'none are polled',
    meaning: 'clouds whose notices of interruption are polled: aws, gcp, azure',
  },
  'worker.statusPort': {
    type: 'port',
    flag: '--port <port>',
    default: 9464,
    meaning:
      'of /healthz, /readyz and /metrics of a worker; 0 for any free one, none for no server',
  },
  'plan.timeout': {
    type: 'duration',
    flag: '--plan-timeout <time>',
    default: '10m',
    meaning: 'of planning one run: listing, footers, binding the job; then PLAN_TIMEOUT',
  },
  'plan.memoryLimit': {
    type: 'memory',
    flag: '--plan-memory-limit <size>',
    default: '40%',
    meaning: 'resident memory of the processes that plan one run; then PLAN_OUT_OF_MEMORY',
  },
  'scheduler.interval': {
    type: 'positiveDuration',
    flag: '--interval <time>',
    default: '5s',
    meaning: 'time between two checks of every run',
  },
  'scheduler.statusPort': {
    type: 'port',
    flag: '--port <port>',
    default: 9465,
    meaning:
      'of /healthz, /readyz and /metrics of a scheduler; 0 for any free one, none for no server',
  },
  'engine.environment': {
    type: 'names',
    flag: '--engine-environment <names>',
    default: null,
    otherwise: 'none',
    meaning:
      'environment variables that engines of a fleet get beside those of Node, S3 and devices',
  },
} as const satisfies Record<string, Setting>;
