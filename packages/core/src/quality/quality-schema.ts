import { z } from 'zod';
import { QUALITY_FORMAT } from './quality-format.js';

/** What is known at the end of a run of whether its result can be trusted: `docs/quality.md`. */

const observed = z.union([z.number(), z.string()]).nullable();

/** What came of one check, or of one feature or output that was compared with a baseline. */
export const qualityOutcomeSchema = z.strictObject({
  name: z.string().describe('Unique in the run.'),
  kind: z.string().describe('Which kind of check it is, such as `range` or `drift`.'),
  severity: z.enum(['warn', 'fail']).describe('Whether the run ends where it is not passed.'),
  column: z.string().optional().describe('The feature or output that was looked at.'),
  observed: observed.describe('What was found; null where there was nothing to look at.'),
  expected: z.string().describe('What was expected, such as `at most 0.01`.'),
  passed: z.boolean(),
  message: z.string().describe('The outcome as a sentence.'),
});

/**
 * The outcomes of a run, `_shardmill/<runId>/quality.json`. It is created once, so that all
 * processes that finish a run go by one evaluation.
 */
export const qualityRecordSchema = z.strictObject({
  format: z.literal(QUALITY_FORMAT),
  runId: z.string(),
  planDigest: z.string(),
  evaluatedAt: z.string(),
  /** The run of a fleet by its id in the log of runs; absent where it was run on one machine. */
  fleetRun: z.string().optional(),
  /** The budget by which the run would have finished; needed when it is accepted. */
  rejectedBudget: z.union([z.string(), z.number()]),
  outcomes: z.array(qualityOutcomeSchema),
});

/** Who published a run in spite of failed checks, `_shardmill/<runId>/accepted.json`; created once. */
export const acceptanceSchema = z.strictObject({
  by: z.string(),
  at: z.string(),
  reason: z.string(),
});

/** As the manifest has it. */
export const manifestQualitySchema = z.strictObject({
  outcomes: z.array(qualityOutcomeSchema),
  /** Absent unless the run was published in spite of failed checks. */
  accepted: acceptanceSchema.optional(),
});

export type QualityOutcome = z.output<typeof qualityOutcomeSchema>;
export type QualityRecord = z.output<typeof qualityRecordSchema>;
export type Acceptance = z.output<typeof acceptanceSchema>;
export type ManifestQuality = z.output<typeof manifestQualitySchema>;
