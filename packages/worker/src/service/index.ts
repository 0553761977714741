// Not in the package's index: it loads the library of metrics, for which a local run should not wait.
export { WorkerService } from './worker-service.js';
