/**
 * What reads the stored objects of a run and checks them. Apart from the rest for the same reason
 * as the schemas.
 */
export { findFailure } from './plan/records/stored-failure.js';
export {
  findPlan,
  findPlanOf,
  loadPage,
  loadPlan,
  plannedShards,
  rememberPages,
} from './plan/stored-plan.js';
export { findRecord } from './plan/records/stored-record.js';
export { parsePartIndex } from './plan/records/stored-part-index.js';
export { findTableVersion, noteTable, withTableVersion } from './plan/table/table-note.js';
export { parseJson } from './text/parse-json.js';
