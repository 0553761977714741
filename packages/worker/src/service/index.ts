// Not in the package's index: it loads the libraries of metrics and of the queue, for which a local
// run should not wait.
export { LoggedRuns } from '../shard/logged-runs.js';
export { WorkerService } from './worker-service.js';
