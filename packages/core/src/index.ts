export * from './challengers/challenger-merger.js';
export type * from './challengers/challenger-report-schema.js';
export type * from './challengers/challenger-state-schema.js';
export * from './challengers/compared-kinds.js';
export * from './challengers/describe-challengers.js';
export * from './challengers/number-agreement.js';
export * from './challengers/rank-sample.js';
export * from './challengers/sql-names.js';
export * from './concurrency/backoff.js';
export * from './concurrency/map-concurrent.js';
export * from './concurrency/map-in-order.js';
export * from './concurrency/semaphore.js';
export * from './concurrency/until-aborted.js';
export type { Logger } from './logger.js';
export { type ConfigDefinition, defineConfig } from './config/define-config.js';
export * from './cost/prices.js';
export * from './cost/require-price.js';
export * from './cost/worker-seconds.js';
export * from './drift/drift-format.js';
export type * from './drift/drift-schema.js';
export * from './drift/find-drift.js';
export * from './errors/invariant-error.js';
export * from './errors/registry.js';
export * from './errors/shardmill-error.js';
export type * from './evaluation/measures-schema.js';
export * from './job/absolute-locations.js';
export * from './job/bounds.js';
export { defineJob } from './job/define-job.js';
export { featureSql, isTokenized } from './job/features/feature-sql.js';
export type * from './job/quality/drift-schema.js';
export type * from './job/job-schema.js';
export type { Check, CheckOfKind } from './job/quality/checks-schema.js';
export type { TokenizedText } from './job/features/tokenized-text-schema.js';
export type { JobSchedule } from './job/schedule/schedule-schema.js';
export { applyParameters } from './job/parameters/apply-parameters.js';
export { imageLocations, isImageFeature } from './job/features/image-feature.js';
export type { ImageFeature } from './job/features/image-feature-schema.js';
export * from './job/quality/baseline-reference.js';
export * from './job/parameters/job-at-time.js';
export * from './job/parameters/logical-time.js';
export * from './job/model/model-reference.js';
export {
  impliedParameters,
  type ParameterValues,
  resolveParameters,
} from './job/parameters/parameters.js';
export type { RunLimits } from './job/limits-schema.js';
export type * from './job/schedule/notify-schema.js';
export * from './job/output-mode.js';
export * from './job/undecided.js';
export * from './job/values/units.js';
export type * from './job/schedule/wait-for-schema.js';
export * from './keys/checked-keys.js';
export * from './keys/estimate-repeats.js';
export * from './keys/key-sample.js';
export type * from './keys/key-state-schema.js';
export * from './keys/merge-keys.js';
export * from './names/match-name.js';
export * from './names/quote-sql.js';
export * from './names/sql-names.js';
export * from './parquet/column-traits.js';
export * from './parquet/count-footer.js';
export * from './parquet/footer-limits.js';
export * from './parquet/hide-bloom-filters.js';
export * from './parquet/other-formats.js';
export * from './parquet/parse-footer.js';
export type * from './parquet/parquet-schema.js';
export * from './parquet/read-footer.js';
export type * from './parquet/writer-calendar.js';
export type * from './plan/bound/bound-image.js';
export * from './plan/bound/binding.js';
export type * from './plan/table/table-checkpoint.js';
export * from './plan/digest-plan.js';
export type * from './plan/records/failure-schema.js';
export * from './plan/formats.js';
export * from './plan/object-layout.js';
export type * from './plan/plan-schema.js';
export * from './plan/partitions.js';
export * from './plan/quality/plan-drift.js';
export * from './plan/quality/plan-profile.js';
export type * from './plan/quality/planned-drift.js';
export type * from './plan/quality/planned-checks.js';
export type * from './plan/quality/planned-profile.js';
export * from './plan/bound/predicate.js';
export type * from './plan/records/record-schema.js';
export * from './plan/records/rejected-reasons.js';
export * from './plan/records/row-counts.js';
export * from './plan/run-id.js';
export * from './plan/stored-form.js';
export * from './plan/bound/tensor-type.js';
export * from './profile/describe-profile.js';
export * from './profile/profile-merger.js';
export * from './profile/profile-format.js';
export * from './profile/profile-rows.js';
export * from './profile/number-sketch.js';
export type * from './profile/profile-schema.js';
export type * from './profile/profile-state-schema.js';
export * from './profile/row-sample.js';
export * from './profile/text-sketch.js';
export type * from './quality/profile-query.js';
export * from './quality/quality-format.js';
export type * from './quality/quality-schema.js';
export * from './statistics/check-columns.js';
export * from './sql-types/type-tree.js';
export * from './statistics/log-histogram.js';
export * from './statistics/numeric-statistics.js';
export * from './statistics/output-statistics.js';
export type * from './statistics/output-statistics-schema.js';
export {
  type AllowedLocation,
  type AllowedLocations,
  allowedFor,
  isBelow,
  type LocationUse,
  parseAllowed,
  placeWithin,
  requireAllowed,
} from './store/allowed-locations.js';
export * from './store/allowed-regions.js';
export * from './store/file-identity.js';
export * from './store/file-store.js';
export * from './store/location.js';
export * from './store/make-folder.js';
export * from './store/object-store.js';
export * from './store/probe-store.js';
export * from './store/read-input.js';
export * from './store/not-regular-file.js';
export * from './store/regular-file.js';
export { writePiecesAt } from './store/write-pieces.js';
export type * from './store/storage-options.js';
export * from './store/stores.js';
export * from './text/format-count.js';
export * from './text/canonical-json.js';
export * from './text/format-duration.js';
export * from './text/nearest-name.js';
export * from './text/show-controls.js';
export * from './text/shell-word.js';
export * from './text/without-login.js';
export * from './process/is-process-alive.js';
