/** A run inside another program: what `shardmill run` calls, without its command line. */
export { localRun } from './local-run.js';
export type {
  LocalRun,
  LocalRunOptions,
  RunEvents,
  RunProgress,
  RunResult,
} from './run-types.js';
