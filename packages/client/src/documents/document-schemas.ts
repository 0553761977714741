import {
  driftSchema,
  manifestSchema,
  profileSchema,
  shardFailureSchema,
} from '@shardmill/core/schemas';
import { attemptSchema, runViewSchema } from '@shardmill/queue/schemas';
import { z } from 'zod';
import { DOCUMENT_VERSION } from './document-version.js';
import { evaluationDocumentSchema } from './evaluation-schema.js';
import { MODEL_SCHEMAS } from './model-schemas.js';
import { runReportSchema } from './report-schema.js';

/**
 * What a pipeline reads of the command line: the documents of `--json`, and the manifest and
 * the profile in the store. The published JSON Schemas (`packages/cli/schema`) are made from these; `docs/etl.md`
 * explains them.
 */

const schemaVersion = z.literal(DOCUMENT_VERSION).describe('The version of this document.');
const count = z.int().nonnegative();
const runId = z.string().describe('The id of the run.');

/** Of `run`, `submit --wait`, `watch`, and of `submit` where the run had finished already. */
export const runDocumentSchema = z
  .object({
    schemaVersion,
    runId,
    job: z.object({ name: z.string(), params: z.record(z.string(), z.string()) }),
    output: z.string().describe('Where the results are: a folder, or s3://bucket/prefix.'),
    manifest: z.string().describe('Where the manifest is, which lists every part.'),
    rows: manifestSchema.shape.rows.describe('Each row that was read is in one of the others.'),
    parts: count.describe('Objects with results.'),
    bytes: count.describe('The size of all of them.'),
    rejected: z.array(z.string()).describe('Keys of objects with rejected rows, below the output.'),
    resumed: z.boolean().describe('Whether it went on with what an earlier attempt left.'),
    alreadyFinished: z.boolean().describe('Whether nothing was scored, since it had finished.'),
    rowsResumed: count.describe('Rows that an earlier attempt had scored.'),
    elapsedMs: count.describe('Of this command; in a fleet from the submission to the end.'),
    table: manifestSchema.shape.table.describe(
      'Where the output is a table: its version with the result.',
    ),
    model: manifestSchema.shape.model,
    drift: manifestSchema.shape.drift.describe(
      'How features and outputs differ from the baseline; absent where the job has none.',
    ),
    challengers: manifestSchema.shape.challengers.describe(
      'Models that scored beside it, and how they compare with it.',
    ),
    usage: manifestSchema.shape.usage.describe(
      'Worker time, and what it cost where price.workerHour is set.',
    ),
    quality: manifestSchema.shape.quality.describe('What the checks of the job came to.'),
    statistics: manifestSchema.shape.statistics.describe('Of each output column.'),
  })
  .describe('A run that finished.');

/** Of `submit` without `--wait`. */
export const submissionDocumentSchema = z
  .object({
    schemaVersion,
    run: runId,
    attached: z.boolean().describe('Whether a run of the same key was there already.'),
    job: z.string(),
    output: z.string(),
    key: z.string().nullable().describe('What --run-key said.'),
    phase: z.string().describe('The state of the run in the log of runs.'),
  })
  .describe('A run that was handed to a fleet.');

const code = z.string().describe('One of docs/errors.md; new ones may be added.');
const message = z.string().describe('For people: its words may change.');
const remedy = z.string().describe('What to do.');
const error = z.object({ code, message, where: z.string().optional(), remedy });

/** A shard that failed for good: its last error, and all its attempts. */
const failure = shardFailureSchema.extend({
  ...error.shape,
  story: z.array(attemptSchema.extend({ error })),
});

/** Of `status`. */
export const statusDocumentSchema = runViewSchema
  .extend({
    schemaVersion,
    error: error.nullable(),
    seen: z.enum(['scheduler', 'objects']).describe('What the counts are read from.'),
    redis: z.enum(['answers', 'away']),
    waiting: z.string().nullable().describe('Why nothing happens, where that is so.'),
    round: count.describe('How often it was resumed or retried.'),
    key: z.string().nullable().describe('What --run-key said.'),
    submittedBy: z.string(),
    failures: z.array(failure).describe('The first few shards that failed for good.'),
    failuresAt: z.string().nullable().describe('Where all of them are stored.'),
  })
  .describe('A run of a fleet as it is now.');

/** Of every command that fails. */
export const errorDocumentSchema = z
  .object({
    schemaVersion,
    error: z.object({
      code,
      message,
      where: z.string().nullable(),
      remedy,
      exitCode: z.int(),
    }),
  })
  .describe('A command that failed.');

export * from './model-schemas.js';
export type { EvaluationDocument } from './evaluation-schema.js';
export type RunDocument = z.output<typeof runDocumentSchema>;
export type SubmissionDocument = z.output<typeof submissionDocumentSchema>;
export type StatusDocument = z.output<typeof statusDocumentSchema>;
export type ErrorDocument = z.output<typeof errorDocumentSchema>;

const SCHEMAS = {
  run: runDocumentSchema,
  submission: submissionDocumentSchema,
  status: statusDocumentSchema,
  error: errorDocumentSchema,
  manifest: manifestSchema,
  profile: profileSchema,
  drift: driftSchema,
  ...MODEL_SCHEMAS,
  report: runReportSchema,
  evaluation: evaluationDocumentSchema,
};

/** The JSON Schema of each document (draft 2020-12), which allows keys that were added later. */
export function documentJsonSchemas(): Record<keyof typeof SCHEMAS, object> {
  return {
    run: jsonSchema('run'),
    submission: jsonSchema('submission'),
    status: jsonSchema('status'),
    error: jsonSchema('error'),
    manifest: jsonSchema('manifest'),
    profile: jsonSchema('profile'),
    drift: jsonSchema('drift'),
    model: jsonSchema('model'),
    models: jsonSchema('models'),
    'model-version': jsonSchema('model-version'),
    'model-change': jsonSchema('model-change'),
    'model-history': jsonSchema('model-history'),
    'model-diff': jsonSchema('model-diff'),
    'model-test': jsonSchema('model-test'),
    'model-event': jsonSchema('model-event'),
    report: jsonSchema('report'),
    evaluation: jsonSchema('evaluation'),
  };
}

function jsonSchema(name: keyof typeof SCHEMAS): object {
  return z.toJSONSchema(SCHEMAS[name], {
    io: 'output',
    unrepresentable: 'any',
    override: ({ jsonSchema: schema }) => {
      if (schema.additionalProperties === false) delete schema.additionalProperties;
    },
  });
}
