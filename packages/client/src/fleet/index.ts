/** Runs of a fleet: submitting, reading, following, changing. */
export { cancelRun, reopenRun } from './change-run.js';
export { collectGarbage } from './collect-garbage.js';
export { Fleet } from './fleet.js';
export { type ListedRun, listRuns } from './list-run.js';
export { endOfRun, type FinishedRun } from './run-end.js';
export { claimedRate, type RunSnapshot, standstill, workersOf } from './run-snapshot.js';
export { failuresOf, runStatus, type SeenRun, statusDocument } from './run-status.js';
export { type SubmitOptions, submitRun } from './submit-run.js';
export { watchRun } from './watch-run.js';
export type { MemoryShortage } from '@shardmill/queue';
export type { RegisteredRun } from '@shardmill/scheduler';
