// Not in the package's index: it loads the libraries of Redis and of metrics, for which neither a
// local run nor the status of one should wait.
export { SchedulerService } from './scheduler-service.js';
