/** Backfills: choosing past dates, running them, looking at them, changing them. */
export { type BackfillOptions, type BackfillRange, backfillRange } from './backfill-range.js';
export { chooseBackfill, type PlannedBackfill } from './choose-backfill.js';
export {
  beginBackfill,
  cancelBackfill,
  endOfBackfill,
  listBackfills,
  lookAtBackfill,
  resumeBackfill,
  type SeenBackfill,
  showBackfill,
  type ShownBackfill,
  type ShownDate,
} from './follow-backfill.js';
export { type LocalBackfillEvents, type LocalDate, runBackfillHere } from './local-backfill.js';
export type {
  BackfillEstimate,
  DateChoice,
  DateOutcome,
  RegisteredBackfill,
} from '@shardmill/scheduler';
