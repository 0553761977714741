/** Finding, reading and checking jobs, for the command line. */
export { listJobs } from './find-job.js';
export { type LoadedJob, loadJob } from './load-job.js';
export {
  fillIn,
  limitsOf,
  locationFrom,
  type JobFlags,
  type PreparedJob,
  prepareJob,
} from './prepare-job.js';
