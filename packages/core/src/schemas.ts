/**
 * What checks data at the border. Apart from the rest, because making the schemas takes longer
 * than everything else here, and an engine process never needs them.
 */
export { driftSchema } from './drift/drift-schema.js';
export { EVALUATION_TASKS, evaluationSchema } from './evaluation/measures-schema.js';
export { challengerReportSchema } from './challengers/challenger-report-schema.js';
export { jobJsonSchema, jobSchema } from './job/job-schema.js';
export { limitsSchema } from './job/limits-schema.js';
export { notifySchema, receiverSchema } from './job/schedule/notify-schema.js';
export { parseJob } from './job/parse-job.js';
export { scheduleShape } from './job/schedule/schedule-schema.js';
export { shardFailureSchema } from './plan/records/failure-schema.js';
export { planPageSchema, planSchema } from './plan/plan-schema.js';
export {
  manifestSchema,
  partIndexSchema,
  runUsageSchema,
  shardRecordSchema,
} from './plan/records/record-schema.js';
export { profileSchema } from './profile/profile-schema.js';
export {
  acceptanceSchema,
  manifestQualitySchema,
  qualityOutcomeSchema,
  qualityRecordSchema,
} from './quality/quality-schema.js';
export { outputStatisticsSchema } from './statistics/output-statistics-schema.js';
