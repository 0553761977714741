/** Publishing a run in spite of failed checks. */
export { acceptFleetRun } from './accept-fleet-run.js';
export { acceptLocalRun } from './accept-local-run.js';
export { isLocation } from '../report/find-run.js';
