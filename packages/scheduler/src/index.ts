export { findRecord, plannedShards } from '@shardmill/core/plans';
export { computedColumns } from './finalize/computed-columns.js';
export { finalizeRun } from './finalize/finalize-run.js';
export { commitTable } from './finalize/table/commit-table.js';
export { type FailedShard, runFailure } from './finalize/run-failure.js';
export {
  acceptedByAnother,
  acceptRun,
  type AcceptedRun,
  notByChecks,
} from './quality/accept-run.js';
export { failedOutcomes, findAcceptance, findQuality } from './quality/quality-notes.js';
export type { PastRun } from './quality/history/past-run.js';
export { RunHistory } from './quality/history/run-history.js';
export { submittedParent } from './lineage/parent-run.js';
export { checkLimits, timeLeftMs, withWhatIsKept } from './limits/check-limits.js';
export { deliver } from './notify/deliver.js';
export { lateHappening } from './notify/happenings.js';
export { type Happening, notificationOf } from './notify/notification.js';
export {
  destinationOf,
  nameOf,
  type NotifySettings,
  type ReceiverReference,
  referenceToConfiguration,
  referenceToJob,
} from './notify/receiver.js';
export { beginRun } from './output/begin-run.js';
export { findFinishedRun } from './output/find-finished-run.js';
export { openOutput } from './output/open-output.js';
export { pinnedVersion, wouldResume } from './output/pinned-version.js';
export { findBaseline, profileBeside } from './drift/find-baseline.js';
export { findKeptBaseline, keptBaselineKey } from './drift/kept-baselines.js';
export { startRun } from './output/start-run.js';
export { findManifest } from './output/read-location.js';
export { type AliasRequest } from './models/decide-alias.js';
export { compareSignatures, type SignatureChange } from './models/compare-signatures.js';
export {
  aliasOf,
  type ModelAlias,
  type ModelVersion,
  type RegisteredModel,
  versionOf,
} from './models/fold-model.js';
export {
  digestOfModel,
  type ModelEvent,
  modelEventSchema,
  type ModelFacts,
} from './models/model-event.js';
export { modelFilesPrefix } from './models/model-layout.js';
export { type ChangedAlias, type ModelAuthor, ModelRegistry } from './models/model-registry.js';
export { pickVersion } from './models/pick-version.js';
export { filesOfVersion, type PinnedReleases, resolveModel } from './models/resolve-model.js';
export { hasWildcards } from './plan/list/glob.js';
export { type InputListing, type ListInputOptions, listInput } from './plan/list/list-input.js';
export { checkRules, type JobRules } from './plan/job-rules.js';
export { type MadePlan, type MakePlanRequest, makePlan } from './plan/make-plan.js';
export { type DatasetPlan, planDataset } from './plan/plan-dataset.js';
export type { RowSelection } from './plan/split/take-rows.js';
export { attemptRound, roundInPlan } from './service/dispatch/attempt-round.js';
export { runLogOf } from './service/dispatch/round-facts.js';
export type { SchedulerService } from './service/scheduler-service.js';
export type * from './service/runtime/scheduler-options.js';
export { statusOf } from './service/dispatch/status-of.js';
export { collectGarbage, type Garbage } from './state/collect-garbage.js';
export { hasEnded, type RegisteredRun } from './state/fold-run.js';
export type * from './state/run-event.js';
export { decideWait, type InputFacts } from './wait/decide-wait.js';
export { endOfWait } from './wait/end-of-wait.js';
export { describeInputWait, inputWaitOf } from './wait/input-wait.js';
export { isCheapCheck, type InputCheckRequest, checkInput } from './wait/check-input.js';
export { afterCheck, type SeenInput } from './wait/stillness.js';
export { RunRegistry } from './state/run-registry.js';
export type * from './state/run-request.js';
export type { Changer } from './schedules/store/change-schedule.js';
export { isOpen, type TickPhase, type TickRecord } from './schedules/ticks/fold-tick.js';
export { jitterMs } from './schedules/decide/jitter.js';
export { parseTickId, type TickId, tickId } from './schedules/store/schedule-layout.js';
export {
  type ChangedSchedule,
  isScheduleName,
  ScheduleRegistry,
} from './schedules/store/schedule-registry.js';
export { isRemoved } from './schedules/store/stored-schedule.js';
export type * from './schedules/store/stored-schedule.js';
export type * from './schedules/ticks/tick-event.js';
export { TickLog } from './schedules/ticks/tick-log.js';
export {
  headOf,
  readHistory,
  type ScheduleHead,
  type TickHistory,
} from './schedules/ticks/schedule-state.js';
export { type ScheduleSummary, SummaryPages } from './schedules/ticks/summary-pages.js';
export { jobOfTick, logicalTimeOf, requestOfTick } from './schedules/ticks/tick-request.js';
export type * from './backfill/log/backfill-event.js';
export type * from './backfill/log/backfill-request.js';
export { stampOf } from './backfill/log/backfill-layout.js';
export { BackfillRegistry } from './backfill/log/backfill-registry.js';
export { collectBackfills } from './backfill/log/collect-backfills.js';
export { hasEndedBackfill, type RegisteredBackfill } from './backfill/log/fold-backfill.js';
export { jobOfDate } from './backfill/log/date-request.js';
export { countDates, type DateCounts, dateStates, endOf } from './backfill/log/date-states.js';
export {
  type BackfillEstimate,
  chooseDate,
  type DateChoice,
  type DateFinding,
  estimateBackfill,
} from './backfill/choose/choose-dates.js';
export {
  datesAround,
  type DateRange,
  dueDates,
  EVERY,
  type Every,
  MAX_DATES,
} from './backfill/choose/due-dates.js';
export { findDate, findSharedDates } from './backfill/choose/find-date.js';
export { collectTicks, runsOfOpenTicks } from './schedules/ticks/collect-ticks.js';
