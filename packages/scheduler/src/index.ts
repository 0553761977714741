export { type FinalizeRequest, finalizeRun } from './finalize/finalize-run.js';
export { findRecord } from './finalize/read-records.js';
export { beginRun, type OpenedOutput, openOutput } from './output/open-output.js';
export { startRun } from './output/start-run.js';
export { findManifest, readSuccess } from './output/read-location.js';
export {
  type InputListing,
  type InputSource,
  type ListedFile,
  type ListInputOptions,
  listInput,
} from './plan/list-input.js';
export { type MadePlan, type MakePlanRequest, makePlan } from './plan/make-plan.js';
export {
  findPlan,
  loadPage,
  loadPlan,
  type PublishedPlan,
  plannedShards,
  publishPlan,
} from './plan/publish-plan.js';
export type { RangeReader } from './plan/read-footer.js';
export {
  type FileToSplit,
  type KeptRowGroup,
  type SplitOptions,
  splitShards,
} from './plan/split-shards.js';
