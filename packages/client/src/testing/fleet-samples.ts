import type { RunView, SchedulerInfo, WorkerInfo } from '@shardmill/queue';

/** Values for the tests of this package, and of the command line. */

const SAMPLE_RUN = '20261122T050000Z-3f9a1c20';

export const sampleView = (changes: Partial<RunView> = {}): RunView => ({
  run: SAMPLE_RUN,
  job: 'churn',
  state: 'running',
  pool: 'cpu',
  output: '/data/out/churn',
  planRun: SAMPLE_RUN,
  submittedAt: '2026-11-22T05:00:00.000Z',
  endedAt: null,
  at: Date.parse('2026-11-22T05:03:19.000Z'),
  rowsPlanned: 7_043_000,
  rowsDone: 3_200_000,
  rowsScored: 3_198_988,
  rowsRejected: 12,
  rowsFiltered: 1000,
  shards: { planned: 27, done: 12, failed: 0, active: 2, waiting: 13, delayed: 0 },
  retries: 3,
  usage: null,
  memory: null,
  workers: 2,
  error: null,
  notice: null,
  inputWait: null,
  ...changes,
});

const processFacts = {
  host: 'node7',
  pid: 4711,
  version: '0.1.0',
  startedAt: '2026-11-22T03:00:00.000Z',
  seenAt: Date.parse('2026-11-22T05:03:19.000Z'),
};

export const sampleScheduler: SchedulerInfo = {
  ...processFacts,
  id: 'node1-33-aa01bc',
  kind: 'scheduler',
  runs: 2,
};

export const sampleWorker = (changes: Partial<WorkerInfo> = {}): WorkerInfo => ({
  ...processFacts,
  id: 'node7-4711-ab12cd',
  kind: 'worker',
  pool: 'cpu',
  state: 'taking',
  concurrency: 2,
  residentBytes: 1_200_000_000,
  rowsPerSecond: 400_000,
  shardsDone: 118,
  providers: ['cpu'],
  refusals: [],
  tasks: [12, 13].map((shard) => ({
    run: SAMPLE_RUN,
    shard,
    startedAt: '2026-11-22T05:03:00.000Z',
    scored: 130_000,
    rejected: 2,
    filtered: 0,
  })),
  ...changes,
});
