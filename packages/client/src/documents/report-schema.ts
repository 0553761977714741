import {
  challengerReportSchema,
  driftSchema,
  manifestSchema,
  shardFailureSchema,
} from '@shardmill/core/schemas';
import { z } from 'zod';
import { evaluationDocumentSchema } from './evaluation-schema.js';
import { DOCUMENT_VERSION } from './document-version.js';

/**
 * What `report` shows of a run, as `--format json` prints it: everything in it was stored while the
 * run was planned, worked on and finished. What is not stored is null or absent, never estimated.
 */

const count = z.int().nonnegative();
const seconds = z.number().nonnegative();
const time = z.string().describe('An instant, ISO 8601.');
const rows = manifestSchema.shape.rows;
const steps = z
  .record(z.string(), seconds)
  .describe('Engine seconds by step, as docs/metrics.md names them.');
const attempt = shardFailureSchema.shape.story.element;

const submission = z.object({
  run: z.string().describe('The id in the log of runs.'),
  submittedAt: time,
  submittedBy: z.string(),
  key: z.string().nullable(),
  schedule: z.string().nullable().describe('The schedule that started it.'),
});

const event = z.object({
  at: time,
  what: z.string().describe('The kind of the event in the log of runs.'),
  detail: z.string().nullable(),
});

/** Of shards and of parts, the slowest first. */
const timed = { shard: count, rows: count, seconds, rowsPerSecond: z.number().nonnegative() };
const slowShard = z.object({ ...timed, worker: z.string(), failedAttempts: count });
const slowPart = z.object({ ...timed, part: count, steps });

const throughput = z.object({
  from: time,
  to: time,
  parts: count.describe('Parts whose times are stored.'),
  rows: count.describe('Rows of these.'),
  untimedRows: count.describe('Rows of parts without times: earlier attempts made them.'),
  binSeconds: seconds.describe('The width of each bin.'),
  bins: z
    .array(z.number().nonnegative())
    .describe('Rows in each bin, if those of a part are spread evenly over its time.'),
});

const worker = z.object({
  worker: z.string(),
  shards: count,
  rows: count,
  busySeconds: seconds.describe('Time in which it had at least one shard that it then finished.'),
  busy: z.array(z.tuple([time, time])).describe('The same as periods; short gaps are closed.'),
});

const retried = z.object({
  shard: count,
  outcome: z.enum(['done', 'failed']),
  round: count.nullable().describe('The round in which it failed for good.'),
  attempts: z.array(attempt).describe('Attempts that ended without a record, in their order.'),
});

const example = z.array(z.string().nullable());
const rejectedReason = z.object({
  reason: z.string(),
  rows: count,
  examples: z.array(example).describe('Values as text, in the order of `columns`.'),
});

const distribution = z.object({ value: z.number(), count });
const column = z.object({
  name: z.string(),
  type: z.string(),
  computed: z.boolean().describe('Whether it holds what the model said.'),
  rows: count,
  nulls: count,
  nan: count.nullable(),
  infinite: count.nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  mean: z.number().nullable(),
  deciles: z.array(z.number()),
  points: z.array(distribution).describe('Values, each within 0.8 %, with their counts.'),
});

const profileColumn = z.object({
  name: z.string(),
  input: z.string().optional(),
  element: count.optional(),
  type: z.string(),
  kind: z.enum(['number', 'text']),
  count: count.describe('Rows that were looked at, those with nulls included.'),
  nulls: count,
  distinct: z.object({ count, exact: z.boolean() }),
  nan: count.optional(),
  infinite: count.optional(),
  min: z.number().nullish(),
  max: z.number().nullish(),
  mean: z.number().nullish(),
  standardDeviation: z.number().nullish(),
  histogram: z.array(z.object({ from: z.number(), to: z.number(), count })).optional(),
  top: z.array(z.object({ value: z.union([z.string(), z.number()]), count })).nullable(),
});

/** What a report takes of the profile of a run: all but the sketches, from which profiles are merged. */
export const reportProfileSchema = z.object({
  features: z.object({
    sampling: z.object({ every: count, rows: count }),
    omitted: count.describe('Features that are not profiled.'),
    columns: z.array(profileColumn),
  }),
  outputs: z.object({ columns: z.array(profileColumn) }),
});

/** What a report takes of the drift of a run. */
export const reportDriftSchema = z.object(
  driftSchema.pick({ severity: true, baseline: true, columns: true }).shape,
);

export const runReportSchema = z
  .object({
    schemaVersion: z.literal(DOCUMENT_VERSION).describe('The version of this document.'),
    runId: z.string().describe('The run whose plan was worked on.'),
    state: z
      .string()
      .describe('`finished`, `unfinished`, or what the log of runs says of one of a fleet.'),
    submission: submission.nullable().describe('Of a run of a fleet.'),
    job: z.object({ name: z.string(), params: z.record(z.string(), z.string()) }),
    output: z.string(),
    inputs: z.array(z.string()),
    mode: z.string().nullable(),
    planDigest: z.string(),
    plannedAt: time,
    finishedAt: time.nullable(),
    error: attempt.shape.error.nullable().describe('Why a run of a fleet failed.'),
    model: manifestSchema.shape.model
      .extend({ bytes: count.nullable() })
      .describe('With name, version and alias where it is of the model registry.'),
    challengers: z
      .array(challengerReportSchema)
      .describe('Models that scored beside it; empty before the end of the run.'),
    versions: z.record(z.string(), z.string()).describe('Empty before the end of the run.'),
    notices: z.array(z.string()).describe('Of the plan.'),
    planned: z
      .object({ files: count, rows: count, prunedRows: count, shards: count, parts: count })
      .nullable(),
    done: z.object({ shards: count, parts: count, bytes: count }),
    rows,
    rejectedBudget: z.union([z.string(), z.number()]).nullable(),
    wallSeconds: seconds.nullable().describe('Of the attempt that finished a local run.'),
    usage: manifestSchema.shape.usage.unwrap().nullable().describe('What it has used.'),
    steps,
    throughput: throughput.nullable(),
    workers: z.array(worker),
    slowestShards: z.array(slowShard),
    slowestParts: z.array(slowPart),
    retried: z.object({
      shards: count.describe('Shards of which an attempt failed.'),
      list: z.array(retried).describe('The first of them.'),
    }),
    resumed: z
      .object({ parts: count, rows: count })
      .describe('Parts that a shard found there: an earlier attempt at it made them.'),
    events: z.array(event).describe('The log of a run of a fleet.'),
    rejected: z.object({
      rows: count,
      files: z.array(z.string()).describe('Where all of them are, with their reasons.'),
      columns: z.array(z.string()).describe('What the values of the examples are.'),
      reasons: z.array(rejectedReason).describe('The most frequent ones.'),
      examplesMissing: z.string().nullable().describe('Why there are no examples.'),
    }),
    columns: z.array(column),
    profile: reportProfileSchema
      .nullable()
      .describe('Of the features and outputs, where the run stored one.'),
    drift: reportDriftSchema
      .nullable()
      .describe('How features and outputs differ from the baseline, where the job has one.'),
    evaluations: z
      .array(evaluationDocumentSchema)
      .optional()
      .describe('What `evaluate --save` stored, the latest first.'),
    checks: z.array(z.object({ check: z.string(), column: z.string(), rows: count })),
    quality: manifestSchema.shape.quality.describe(
      'What the checks of the job came to; absent where it has none, or they were not evaluated.',
    ),
  })
  .describe('What is stored of a run.');

export type RunReport = z.output<typeof runReportSchema>;
export type ReportColumn = z.output<typeof column>;
export type RetriedShard = z.output<typeof retried>;
export type RejectedReason = z.output<typeof rejectedReason>;
export type Throughput = z.output<typeof throughput>;
export type ReportWorker = z.output<typeof worker>;
export type ReportEvent = z.output<typeof event>;
export type ReportDrift = z.output<typeof reportDriftSchema>;
export type ReportProfile = z.output<typeof reportProfileSchema>;
export type ProfileColumn = z.output<typeof profileColumn>;
export type SlowShard = z.output<typeof slowShard>;
export type SlowPart = z.output<typeof slowPart>;

/** The summary of a column as the manifest has it. */
export const columnSummarySchema = z.object({
  count,
  nulls: count,
  nan: count.optional(),
  infinite: count.optional(),
  min: z.number().nullish(),
  max: z.number().nullish(),
  mean: z.number().nullish(),
  deciles: z.array(z.number()).optional(),
  points: z.array(distribution).optional(),
});
